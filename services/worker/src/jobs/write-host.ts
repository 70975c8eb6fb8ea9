import { isTransient } from '@gateway/shared/host';
import type { JobPayload } from '@gateway/shared/queue';
import {
  appendEvent,
  attemptsOf,
  concludeHostWrite,
  findHostWrite,
  hideSiblingPayments,
  inTransaction,
  lockPayment,
  openDiscrepancy,
  openRefund,
  paymentEvent,
  releaseOrder,
  saveAttempt,
  sent,
} from '@gateway/shared/store';
import { dueOf, orderPaid } from '../apply-charge.ts';
import type { Deps } from '../deps.ts';
import { hostWriteOf } from '../host-write.ts';

/** What a host could not take when the money came: judged again under its lock, since somebody may have paid otherwise meanwhile. */
export const writeHost =
  ({ hosts, ring, clock }: Pick<Deps, 'hosts' | 'ring' | 'clock'>) =>
  async ({ host: hostId, hostWriteId }: JobPayload<'write-host'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const owed = await findHostWrite(host.db.pool, hostWriteId);
    if (!owed) return 'done before';
    try {
      const outcome = await inTransaction(host.db, async (trx) => {
        const known = await trx.query<{ orderKey: string; tenant: string }>({
          name: 'payment-order-key',
          text: `select order_key as "orderKey", tenant from gateway.payments where id = $1`,
          values: [owed.paymentId],
        });
        const { orderKey, tenant } = known.rows[0] as { orderKey: string; tenant: string };
        const [, order, payment, attempts] = await sent([
          trx.query(host.orders.sessionStatement(tenant)),
          host.orders.lockOrder(trx, { orderKey, tenant }),
          lockPayment(trx, owed.paymentId),
          attemptsOf(trx, owed.paymentId),
        ] as const);
        if (!payment) throw new Error(`payment ${owed.paymentId} is gone`);
        const now = clock.now();
        const paid = attempts.find(({ status }) => status === 'paid');
        const due = dueOf(order, host);
        if (owed.step === 'paid' && paid && due !== null && due < payment.amount) {
          await sent([
            openRefund(trx, {
              host: payment.host,
              paymentId: payment.id,
              attemptNo: paid.no,
              amount: paid.paid ?? payment.amount,
              cause: 'duplicate',
              reason: 'duplicate',
              at: now,
            }),
            appendEvent(trx, paymentEvent('payment.duplicate_paid', payment, now)),
            concludeHostWrite(trx, owed.id, now, 'the order owed nothing any more'),
            trx.commit(),
          ]);
          return 'duplicate';
        }
        const said = await host.orders.writeInSavepoint(trx, owed.step, hostWriteOf(payment, order, now));
        const took = said.kind === 'took_effect';
        const refused = owed.step === 'paid' && !took;
        await sent([
          concludeHostWrite(trx, owed.id, now, said.kind === 'raised' ? said.postgres : said.kind),
          ...(owed.step === 'paid' && took && paid
            ? [
                saveAttempt(trx, { ...paid, accepted: true }),
                hideSiblingPayments(trx, payment, now),
                releaseOrder(trx, orderPaid(payment, now)),
              ]
            : []),
          ...(refused
            ? [
                openDiscrepancy(trx, {
                  paymentId: payment.id,
                  attemptNo: paid?.no ?? null,
                  reason: 'host_refused',
                  ours: 'paid',
                  theirs: said.kind === 'raised' ? said.postgres : 'no row',
                  at: now,
                }),
                appendEvent(trx, paymentEvent('payment.review', payment, now, { reason: 'host_refused' })),
              ]
            : []),
          trx.commit(),
        ]);
        return said.kind;
      });
      ring(host);
      return outcome;
    } catch (error) {
      if (isTransient(error)) return 'still busy'; // the sweep has set the next try
      throw error;
    }
  };
