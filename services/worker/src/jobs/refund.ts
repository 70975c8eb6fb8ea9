import type { ChargeRefund } from '@gateway/shared/payment';
import { ProviderError, ProviderMisconfigured, ProviderRejected, ProviderUnavailable } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import {
  type AttemptRow,
  attemptNo,
  beginRefund,
  findPayment,
  findRefundRow,
  openDiscrepancy,
  type Refund,
  refundLater,
  unnameRefund,
} from '@gateway/shared/store';
import { concludeRefund } from '../conclude-refund.ts';
import type { Deps } from '../deps.ts';

/** How far away the next look is, by how often it has been looked at: wallets confirm within seconds, banks within days. */
const looksMs = [3_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
const nextLookMs = (claims: number): number => looksMs[Math.min(Math.max(claims - 1, 0), looksMs.length - 1)] as number;

/** For how long nobody need know that a provider has not confirmed a refund, or does not take one. */
const patienceMs = { asked: 15 * 60_000, notAsked: 3_600_000 };

/**
 * What is known of a refund after asking. `unknown`: it may have been carried out. `not_asked`: surely not; `retryAt` is when a rule
 * of the provider allows it.
 */
type Answer =
  | { is: 'pending'; providerRefundId: string }
  | { is: 'succeeded'; providerRefundId: string }
  | { is: 'failed'; providerRefundId: string | null; reason: string | null }
  | { is: 'unknown'; reason: string }
  | { is: 'not_asked'; reason: string; retryAt: Date | null };

/**
 * Money back, where it was taken. Written down before it is asked for, and looked for before it is repeated; where a repeat is not
 * safe it is never repeated: then a person finds out. May run twice, also at the same time.
 */
export const refund =
  ({ hosts, accounts, ring, clock, log, askLimitMs }: Pick<Deps, 'hosts' | 'accounts' | 'ring' | 'clock' | 'log' | 'askLimitMs'>) =>
  async ({ host: hostId, refundId, claim }: JobPayload<'refund'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const { pool } = host.db;
    const row = await findRefundRow(pool, refundId);
    if (row?.status !== 'pending') return 'done before';
    if (row.claims !== claim) return 'superseded';
    const [payment, attempt] = await Promise.all([findPayment(pool, row.paymentId), attemptNo(pool, row.paymentId, row.attemptNo)]);
    if (!payment || !attempt) throw new Error(`refund ${refundId} has lost its payment`);

    const answer = await ask(row, attempt);
    if (answer.is === 'succeeded' || answer.is === 'failed') {
      const failure = answer.is === 'failed' ? answer.reason : null;
      await concludeRefund(host, payment, row, { status: answer.is, failure, providerRefundId: answer.providerRefundId }, clock);
      ring(host);
      return answer.is;
    }
    await waitFor(row, answer);
    return answer.is;

    async function ask(asked: Refund, taken: AttemptRow): Promise<Answer> {
      const { provider, traits } = accounts.of(taken);
      const charge = { reference: taken.reference, providerChargeId: taken.providerChargeId };
      const { reference, amount, reason, providerRefundId } = asked;
      const signal = () => AbortSignal.timeout(askLimitMs);
      const isFirst = !asked.askedAt && !providerRefundId;
      if (isFirst) {
        const { acquirer = '' } = provider.account;
        const paidAmount = taken.paid ?? amount;
        const facts = { issuer: taken.issuer, acquirer, paidAt: taken.paidAt ?? asked.createdAt, paidAmount, amount, now: clock.now() };
        const obstacle = traits.refundObstacle(facts);
        if (obstacle?.retryAt) return { is: 'not_asked', reason: obstacle.code, retryAt: obstacle.retryAt };
        if (obstacle) return { is: 'failed', providerRefundId: null, reason: obstacle.code };
        if (!(await beginRefund(pool, asked, clock.now()))) return { is: 'unknown', reason: 'superseded' };
      }
      try {
        const known = isFirst ? null : await provider.findRefund({ charge, reference, providerRefundId }, signal());
        if (known) return answerOf(known);
        if (providerRefundId) await unnameRefund(pool, asked);
        if (!isFirst && !traits.repeatsRefundsSafely) return { is: 'unknown', reason: 'not_found' };
        return answerOf(await provider.refundCharge({ charge, reference, amount, reason }, signal()));
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        log.warn({ refund_id: refundId, provider: taken.provider, account: taken.account, err: error }, 'the refund is not settled yet');
        if (error instanceof ProviderRejected) return { is: 'failed', providerRefundId: null, reason: error.reason };
        if (error.reason === 'wrong_charge' && providerRefundId) await unnameRefund(pool, asked);
        return isFirst && wasNotCarriedOut(error)
          ? { is: 'not_asked', reason: error.reason, retryAt: null }
          : { is: 'unknown', reason: error.reason };
      }
    }

    async function waitFor(asked: Refund, awaited: Exclude<Answer, { is: 'succeeded' | 'failed' }>): Promise<void> {
      const at = clock.now();
      const soon = new Date(at.getTime() + nextLookMs(asked.claims));
      const notAsked = awaited.is === 'not_asked';
      const nextTryAt = (notAsked && awaited.retryAt) || soon;
      await refundLater(pool, asked, {
        at,
        nextTryAt,
        notAsked,
        ...(awaited.is === 'pending' ? { providerRefundId: awaited.providerRefundId } : {}),
      });
      if (awaited.is === 'pending' || (notAsked && awaited.retryAt)) return;
      const since = notAsked ? asked.createdAt : (asked.askedAt ?? at);
      if (at.getTime() - since.getTime() < (notAsked ? patienceMs.notAsked : patienceMs.asked)) return;
      const doubt = { paymentId: asked.paymentId, attemptNo: asked.attemptNo, reason: 'refund_unconfirmed' as const, ours: asked.id };
      await openDiscrepancy(pool, { ...doubt, theirs: awaited.reason, at });
    }
  };

function answerOf({ status, providerRefundId, failure }: ChargeRefund): Answer {
  return status === 'failed' ? { is: 'failed', providerRefundId, reason: failure } : { is: status, providerRefundId };
}

/** Of the first time it was asked for. "Another one is in progress" is a clear no then: it cannot be this one. */
function wasNotCarriedOut(error: ProviderError): boolean {
  return error instanceof ProviderUnavailable || error instanceof ProviderMisconfigured || error.reason === 'refund_in_progress';
}
