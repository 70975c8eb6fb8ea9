import type { CloseReason } from '@gateway/shared/payment';
import type { JobPayload } from '@gateway/shared/queue';
import {
  abandonSending,
  attemptsOf,
  chargeLeaseMs,
  findPayment,
  keepLease,
  lookAgain,
  type Payment,
  type RouteStep,
} from '@gateway/shared/store';
import { Answers } from '../answers.ts';
import type { AskOutcome } from '../ask-provider.ts';
import type { Deps } from '../deps.ts';
import type { Word } from '../plan-changes.ts';
import type { Candidate } from '../route.ts';

/**
 * Asks providers in order until one right QR is on display. A provider that is silent is not waited for: the next is asked beside
 * it, and the first right QR wins. That is safe because a QR nobody showed cannot be scanned, and every charge that lost, or whose
 * fate is unknown, is taken down behind.
 */
export const charge =
  ({
    hosts,
    route,
    askProvider,
    hedge,
    writer,
    reply,
    clock,
  }: Pick<Deps, 'hosts' | 'route' | 'askProvider' | 'hedge' | 'writer' | 'reply' | 'clock'>) =>
  async ({ host: hostId, paymentId, claim }: JobPayload<'charge'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const lease = () => new Date(clock.now().getTime() + chargeLeaseMs);
    const [payment, attempts] = await Promise.all([findPayment(host.db.pool, paymentId), attemptsOf(host.db.pool, paymentId)]);
    if (payment?.status !== 'created' || payment.claims !== claim) return 'superseded';

    const told = (now: Payment): string => {
      reply(now);
      return now.status;
    };
    const close = async (word: Word): Promise<string> => {
      const { verdict, payment: closed } = await writer.apply(host, payment, word);
      return verdict === 'applied' ? told(closed) : 'superseded';
    };
    const giveUp = (reason: CloseReason, steps: RouteStep[]) => close({ kind: 'given_up', claim, reason, route: steps });

    if (payment.cancelRequestedAt) return close({ kind: 'closed', as: 'cancelled', reason: 'client' });
    if (payment.expiresAt <= clock.now()) return giveUp('expired_before_display', payment.route);
    if (payment.reviewSince) {
      // A QR of it that nobody showed may be paid, and no provider can say yet: another one might be paid as well.
      await lookAgain(host.db.pool, payment, lease());
      return 'in doubt';
    }
    // Whoever claimed it before is gone, perhaps in the middle of a call: what that call made may never be shown.
    if (attempts.some(({ status }) => status === 'sending')) await abandonSending(host.db.pool, payment.id, attempts.length, clock.now());

    const { candidates, skipped } = route(payment);
    const steps: RouteStep[] = [...payment.route, ...skipped];
    const answers = new Answers<AskOutcome>();
    // While we wait for a provider, nobody else takes the payment over. Not renewed: the sweep does, which is what a lease is for.
    const renewing = setInterval(() => void keepLease(host.db.pool, paymentId, claim, lease()).catch(() => {}), chargeLeaseMs / 3);
    try {
      let mayAsk = true;
      let latest: Candidate | undefined;
      for (let no = attempts.length + 1; candidates.length > 0 || answers.awaited > 0; ) {
        if (mayAsk && candidates.length > 0) {
          latest = candidates.shift() as Candidate;
          answers.add(askProvider({ host, payment, no: no++, claim, candidate: latest, steps, leaseMs: chargeLeaseMs }));
        }
        const answer = await answers.next(candidates.length > 0 ? hedge.delayMs(latest) : null);
        if (answer === 'silent') {
          mayAsk = hedge.take(latest); // the next one, beside it
          continue;
        }
        if (answer.kind === 'over') return 'superseded';
        if (answer.kind === 'shown') return told(answer.payment);
        mayAsk = true; // the next one, instead of it
      }
    } finally {
      clearInterval(renewing);
    }
    return giveUp('providers_unavailable', steps);
  };
