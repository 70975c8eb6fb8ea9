import type { JobPayload } from '@gateway/shared/queue';
import {
  abandonSending,
  chargeLeaseMs,
  findPaymentToCharge,
  keepLease,
  lookAgain,
  type Payment,
  routeInWords,
} from '@gateway/shared/store';
import { Answers } from '../answers.ts';
import type { AskOutcome } from '../ask-provider.ts';
import type { Deps } from '../deps.ts';
import type { Word } from '../plan-changes.ts';
import type { Candidate } from '../route.ts';

type ChargeDeps = Pick<Deps, 'hosts' | 'route' | 'askProvider' | 'hedge' | 'writer' | 'reply' | 'clock' | 'log'>;

/**
 * Asks providers in order until one right QR is on display. A provider that is silent is not waited for: the next is asked beside
 * it, and the first right QR wins. That is safe because a QR nobody showed cannot be scanned, and every charge that lost, or whose
 * fate is unknown, is taken down behind.
 */
export const charge =
  ({ hosts, route, askProvider, hedge, writer, reply, clock, log }: ChargeDeps) =>
  async ({ host: hostId, paymentId, claim }: JobPayload<'charge'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const found = await findPaymentToCharge(host.db.pool, paymentId);
    if (found?.payment.status !== 'created' || found.payment.claims !== claim) return 'superseded';
    const { payment, attempts } = found;
    const startedAt = clock.now();
    const leaseUntil = () => new Date(clock.now().getTime() + chargeLeaseMs);

    if (payment.cancelRequestedAt) return close({ kind: 'closed', as: 'cancelled', reason: 'client' });
    if (payment.expiresAt <= startedAt) return close({ kind: 'given_up', claim, reason: 'expired_before_display', route: payment.route });
    if (payment.reviewSince) {
      // A QR of it that nobody showed may be paid, and no provider can say yet: another one might be paid as well.
      await lookAgain(host.db.pool, payment, leaseUntil());
      return 'in doubt';
    }
    // Whoever claimed it before is gone, perhaps in the middle of a call: what that call made may never be shown.
    if (attempts.sending) await abandonSending(host.db.pool, payment.id, attempts.made, startedAt);

    const { candidates, skipped } = route(payment);
    const steps = [...payment.route, ...skipped];
    const answers = new Answers<AskOutcome>();
    let asked = 0;
    const latest = () => candidates[asked - 1] as Candidate;
    const askNext = () => {
      const candidate = candidates[asked];
      if (!candidate) return;
      const [no, others] = [attempts.made + ++asked, candidates.length - asked];
      answers.add(askProvider({ host, payment, claim, startedAt, no, candidate, others, steps, leaseMs: chargeLeaseMs }));
    };
    // While we wait for a provider, nobody else takes the payment over. Not renewed: the sweep does, which is what a lease is for.
    const renewing = setInterval(() => void keepLease(host.db.pool, paymentId, claim, leaseUntil()).catch(() => {}), chargeLeaseMs / 3);
    try {
      askNext();
      while (answers.awaited > 0) {
        const answer = await answers.next(asked < candidates.length ? hedge.delayMs(latest()) : null);
        if (answer === 'silent') {
          if (hedge.take(latest())) askNext(); // beside it
        } else if (answer.kind === 'shown') return tell(answer.payment);
        else if (answer.kind === 'over') return 'superseded';
        else askNext(); // instead of it
      }
    } finally {
      clearInterval(renewing);
      if (steps.length > 1) log.info({ payment_id: paymentId }, `the route: ${routeInWords(steps)}`);
    }
    return close({ kind: 'given_up', claim, reason: 'providers_unavailable', route: steps });

    async function close(word: Word): Promise<string> {
      const { verdict, payment: closed } = await writer.apply(host, payment, word);
      return verdict === 'applied' ? tell(closed) : 'superseded';
    }

    function tell(now: Payment): string {
      reply(now);
      return now.status;
    }
  };
