import { describeRoute, type Payment } from '@gateway/shared/payment';
import type { JobPayload } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, leases, payments } from '@gateway/shared/store';
import type { AskOutcome } from '../charging/ask-provider.ts';
import { ProviderRace } from '../charging/provider-race.ts';
import type { Candidate } from '../charging/routing.ts';
import type { Deps } from '../deps.ts';
import type { PaymentUpdate } from '../settling/plan-changes.ts';

type ChargeDeps = Pick<Deps, 'hosts' | 'chooseRoute' | 'askProvider' | 'hedging' | 'writer' | 'reply' | 'clock' | 'log'>;

/**
 * Asks providers in order until one right QR is on display. A provider that is silent is not waited for: the next is asked beside
 * it, and the first right QR wins. That is safe because a QR nobody showed cannot be scanned, and every charge that lost, or whose
 * fate is unknown, is taken down behind.
 */
export const charge =
  ({ hosts, chooseRoute, askProvider, hedging, writer, reply, clock, log }: ChargeDeps) =>
  async ({ host: hostId, paymentId, leaseNo }: JobPayload<'charge'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const found = await payments.findForCharge(host.db.pool, paymentId);
    if (found?.payment.status !== 'created' || found.payment.leaseNo !== leaseNo) return 'superseded';
    const { payment, attempts: earlierAttempts } = found;
    const startedAt = clock.now();
    const leaseUntil = () => plusMs(clock.now(), leases.chargeLeaseMs);

    if (payment.cancelRequestedAt) return applyAndReply({ kind: 'closed', as: 'cancelled', reason: 'client' });
    if (payment.expiresAt <= startedAt)
      return applyAndReply({ kind: 'given_up', leaseNo, reason: 'expired_before_display', route: payment.route });
    if (payment.reviewSince) {
      // A QR of it that nobody showed may be paid, and no provider can say yet: another one might be paid as well.
      await payments.reschedule(host.db.pool, payment, leaseUntil());
      return 'held_for_review';
    }
    // Whoever claimed it before is gone, perhaps in the middle of a call: what that call made may never be shown.
    if (earlierAttempts.isSending) await attempts.abandonSending(host.db.pool, payment.id, earlierAttempts.made, startedAt);

    const { candidates, skipped } = chooseRoute(payment);
    const steps = [...payment.route, ...skipped];
    const race = new ProviderRace<AskOutcome>();
    let started = 0;
    const latestCandidate = () => candidates[started - 1] as Candidate;
    const askNext = () => {
      const candidate = candidates[started];
      if (!candidate) return;
      const [no, others] = [earlierAttempts.made + ++started, candidates.length - started];
      race.add(askProvider({ host, payment, leaseNo, startedAt, no, candidate, others, steps, leaseMs: leases.chargeLeaseMs }));
    };
    // While we wait for a provider, nobody else takes the payment over. Not renewed: the sweep does, which is what a lease is for.
    const renewing = setInterval(
      () => void leases.renew(host.db.pool, paymentId, leaseNo, leaseUntil()).catch(() => {}),
      leases.chargeLeaseMs / 3,
    );
    try {
      askNext();
      while (race.pending > 0) {
        const answer = await race.next(started < candidates.length ? hedging.delayMs(latestCandidate()) : null);
        if (answer === 'timeout') {
          if (hedging.tryAcquire(latestCandidate())) askNext(); // beside it
        } else if (answer.kind === 'shown') return replyWith(answer.payment);
        else if (answer.kind === 'superseded') return 'superseded';
        else askNext(); // instead of it
      }
    } finally {
      clearInterval(renewing);
      if (steps.length > 1) log.info({ payment_id: paymentId }, `provider route: ${describeRoute(steps)}`);
    }
    return applyAndReply({ kind: 'given_up', leaseNo, reason: 'providers_unavailable', route: steps });

    async function applyAndReply(update: PaymentUpdate): Promise<string> {
      const { verdict, payment: closed } = await writer.apply(host, payment, update);
      return verdict === 'applied' ? replyWith(closed) : 'superseded';
    }

    function replyWith(updated: Payment): string {
      reply(updated);
      return updated.status;
    }
  };
