import type { ChargeRefund } from '@gateway/shared/payment';
import { addRupiah } from '@gateway/shared/payment';
import { ProviderError, ProviderRejected } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import {
  type AttemptRow,
  appendEvent,
  attemptNo,
  countRefund,
  findPayment,
  findRefundRow,
  finishRefund,
  inTransaction,
  lockPayment,
  openDiscrepancy,
  type Payment,
  paymentEvent,
  type Refund,
  refundLater,
  sent,
} from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { hostWriteOf } from '../host-write.ts';
import type { ServingHost } from '../serving-host.ts';

/** How far away the next look is, by how often it has been looked at: wallets confirm within seconds, banks within days. */
const looksMs = [3_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
const nextLookMs = (claims: number): number => looksMs[Math.min(claims, looksMs.length - 1)] as number;

/** Money back, where it was taken. Asks before it repeats, so that nothing is given back twice. */
export const refund =
  ({ hosts, accounts, ring, clock, log, askLimitMs }: Pick<Deps, 'hosts' | 'accounts' | 'ring' | 'clock' | 'log' | 'askLimitMs'>) =>
  async ({ host: hostId, refundId, claim }: JobPayload<'refund'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const row = await findRefundRow(host.db.pool, refundId);
    if (row?.status !== 'pending') return 'done before';
    if (row.claims !== claim) return 'superseded';
    const [payment, attempt] = await Promise.all([
      findPayment(host.db.pool, row.paymentId),
      attemptNo(host.db.pool, row.paymentId, row.attemptNo),
    ]);
    if (!payment || !attempt) throw new Error(`refund ${refundId} has lost its payment`);
    const answer = await ask(row, attempt);
    if (answer.status === 'pending') {
      await refundLater(
        host.db.pool,
        row,
        answer.providerRefundId || null,
        new Date(clock.now().getTime() + nextLookMs(row.claims)),
        clock.now(),
      );
      return 'pending';
    }
    await finish(host, payment, attempt, row, answer);
    ring(host);
    return answer.status;

    async function ask(
      asked: Refund,
      { provider: name, account, ...key }: AttemptRow,
    ): Promise<Pick<ChargeRefund, 'status' | 'providerRefundId' | 'reason'>> {
      const { provider } = accounts.of({ provider: name, account });
      const signal = AbortSignal.timeout(askLimitMs);
      const charge = { reference: key.reference, providerChargeId: key.providerChargeId };
      try {
        const known = asked.providerRefundId
          ? await provider.findRefund({ charge, reference: asked.reference, providerRefundId: asked.providerRefundId }, signal)
          : null;
        return (
          known ?? (await provider.refundCharge({ charge, reference: asked.reference, amount: asked.amount, reason: asked.reason }, signal))
        );
      } catch (error) {
        if (error instanceof ProviderRejected) return { status: 'failed', providerRefundId: '', reason: error.reason };
        if (!(error instanceof ProviderError)) throw error;
        log.warn({ refund_id: refundId, provider: name, account, err: error }, 'the refund is asked for again later');
        return { status: 'pending', providerRefundId: '', reason: error.reason };
      }
    }

    async function finish(
      at: ServingHost,
      about: Payment,
      taken: AttemptRow,
      ended: Refund,
      { status, providerRefundId, reason }: Awaited<ReturnType<typeof ask>>,
    ): Promise<void> {
      await inTransaction(at.db, async (trx) => {
        const [, order, locked] = await sent([
          trx.query(at.orders.sessionStatement(about.tenant)),
          at.orders.lockOrder(trx, about),
          lockPayment(trx, about.id),
        ] as const);
        const now = clock.now();
        const final = status as 'succeeded' | 'failed';
        if (
          !locked ||
          !(await finishRefund(trx, ended, {
            status: final,
            failure: final === 'failed' ? reason : null,
            providerRefundId: providerRefundId || null,
            at: now,
          }))
        )
          return;
        const counts = final === 'succeeded' && taken.accepted; // a duplicate's refund is no refund of what the guest bought
        const after = counts ? withRefund(locked, ended) : locked;
        if (counts) {
          await countRefund(trx, locked.id, ended.amount, after.status as 'partially_refunded' | 'refunded', now);
          const said = await at.orders.writeInSavepoint(trx, 'refunded', hostWriteOf(after, order, now, ended));
          if (said.kind === 'refused' || said.kind === 'raised') {
            await openDiscrepancy(trx, {
              paymentId: locked.id,
              attemptNo: taken.no,
              reason: 'host_refused_refund',
              ours: 'refunded',
              theirs: said.kind === 'raised' ? said.postgres : 'no row',
              at: now,
            });
          }
        }
        if (final === 'failed' && ended.cause !== 'client') {
          await openDiscrepancy(trx, {
            paymentId: locked.id,
            attemptNo: taken.no,
            reason: 'refund_failed',
            ours: String(ended.amount),
            theirs: reason,
            at: now,
          });
        }
        await appendEvent(
          trx,
          paymentEvent(`refund.${final}`, after, now, {
            refund_id: ended.id,
            refund_amount: ended.amount,
            cause: ended.cause,
            ...(final === 'failed' ? { reason } : {}),
          }),
        );
      });
    }
  };

function withRefund(payment: Payment, { amount }: Refund): Payment {
  const refunded = addRupiah(payment.refunded, amount);
  return { ...payment, refunded, status: refunded >= payment.received ? 'refunded' : 'partially_refunded' };
}
