import type { JobPayload } from '@gateway/shared/queue';
import { abandonSending, attemptsOf, findPayment, keepLease, type Payment, type RouteStep } from '@gateway/shared/store';
import { Answers } from '../answers.ts';
import type { AskOutcome } from '../ask-provider.ts';
import type { Deps } from '../deps.ts';
import type { Candidate } from '../route.ts';

/** A worker that dies costs a till at most this, and one sweep. */
const leaseMs = 3_000;

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
    const [payment, attempts] = await Promise.all([findPayment(host.db.pool, paymentId), attemptsOf(host.db.pool, paymentId)]);
    if (payment?.status !== 'created' || payment.claims !== claim) return 'superseded';
    const over = whyOver(payment, clock.now());
    if (over) return close(payment, over.as, over.reason);
    // Whoever claimed it before is gone, perhaps in the middle of a call: what that call made may never be shown.
    if (attempts.some(({ status }) => status === 'sending')) await abandonSending(host.db.pool, payment.id, attempts.length, clock.now());

    const { candidates, skipped } = route(payment);
    const steps: RouteStep[] = [...payment.route, ...skipped];
    const answers = new Answers<AskOutcome>();
    const stopRenewing = renewLease();
    try {
      let mayAsk = true;
      let latest: Candidate | undefined;
      for (let no = attempts.length + 1; candidates.length > 0 || answers.awaited > 0; ) {
        if (mayAsk && candidates.length > 0) {
          latest = candidates.shift() as Candidate;
          answers.add(askProvider({ host, payment, no: no++, claim, candidate: latest, steps, leaseMs }));
        }
        const answer = await answers.next(candidates.length > 0 ? hedge.delayMs(latest) : null);
        if (answer === 'silent') {
          mayAsk = hedge.take(latest); // the next one, beside it
          continue;
        }
        if (answer.kind === 'over') return 'superseded';
        if (answer.kind === 'shown') return told(answer.payment, 'pending');
        mayAsk = true; // the next one, instead of it
      }
    } finally {
      stopRenewing();
    }
    return close(payment, 'failed', 'providers_unavailable');

    async function close(open: Payment, as: 'failed' | 'cancelled', reason: string): Promise<string> {
      const { payment: closed } = await writer.apply(host, open, { kind: 'closed', as, reason });
      return told(closed, closed.status);
    }

    function told(now: Payment, outcome: string): string {
      reply(now);
      return outcome;
    }

    /** While we wait for a provider, nobody else takes the payment over. */
    function renewLease(): () => void {
      const renew = () => keepLease(host.db.pool, paymentId, claim, new Date(clock.now().getTime() + leaseMs)).catch(() => false); // lost: the sweep takes over, which is what a lease is for
      const timer = setInterval(() => void renew(), leaseMs / 3);
      return () => clearInterval(timer);
    }
  };

/** Why no QR may be made any more. */
function whyOver({ cancelRequestedAt, expiresAt }: Payment, now: Date): { as: 'cancelled' | 'failed'; reason: string } | null {
  if (cancelRequestedAt) return { as: 'cancelled', reason: 'client' };
  return expiresAt <= now ? { as: 'failed', reason: 'expired_before_display' } : null;
}
