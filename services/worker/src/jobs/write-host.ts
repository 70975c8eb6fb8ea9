import type { Host } from '@gateway/shared/host';
import { addRupiah, announce, type Payment, type Refund } from '@gateway/shared/payment';
import { inTransaction, isTransient, pipelined, type Transaction } from '@gateway/shared/postgres';
import type { JobPayload } from '@gateway/shared/queue';
import { newEventId } from '@gateway/shared/runtime';
import { attempts, events, hostWrites, payments, refunds } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { isRefusal, openRefundNotBooked } from '../settling/conclude-refund.ts';
import { hostWriteValues } from '../settling/host-write.ts';
import { dueOf, hostRefusedReview, openReview, orderPaid } from '../settling/payment-writer.ts';

/**
 * What a host could not take when it was busy. Money is judged again under its lock, since somebody may have paid otherwise
 * meanwhile. May run twice at the same time: the second finds it done.
 */
export const writeHost =
  ({ hosts, wakeRelay, clock }: Pick<Deps, 'hosts' | 'wakeRelay' | 'clock'>) =>
  async ({ host: hostId, hostWriteId }: JobPayload<'write-host'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const deferred = await hostWrites.find(host.db.pool, hostWriteId);
    const payment = deferred && (await payments.find(host.db.pool, deferred.paymentId));
    if (!payment) return 'already_done';
    try {
      const outcome = await inTransaction(host.db, (trx) => write(trx, host, payment, hostWriteId));
      wakeRelay(host);
      return outcome;
    } catch (error) {
      if (isTransient(error)) return 'retry_scheduled'; // the sweep has set the next try
      throw error;
    }

    async function write(trx: Transaction, host: Host, { id, orderKey, tenant }: Payment, hostWriteId: number): Promise<string> {
      const [, order, locked, attemptRows, current] = await pipelined([
        trx.query(host.orders.sessionStatement(tenant)),
        host.orders.lockOrder(trx, { orderKey, tenant }),
        payments.lock(trx, id),
        attempts.ofPayment(trx, id),
        hostWrites.find(trx, hostWriteId),
      ] as const);
      if (!locked || !current) return 'already_done';
      const now = clock.now();
      const conclude = (note: string) => hostWrites.conclude(trx, hostWriteId, now, note);
      if (current.refundId) return writeRefund(await refunds.find(trx, current.refundId));
      const acceptedAttempt = current.step === 'paid' ? attemptRows.find(({ accepted }) => accepted) : undefined;
      const isObsolete = current.step === 'paid' ? !acceptedAttempt : locked.status !== current.step;
      if (isObsolete) return done('obsolete', [conclude(`it is ${locked.status} now`)]);

      const due = dueOf(order, host);
      if (acceptedAttempt && due !== null && due < locked.amount) {
        await attempts.save(trx, { ...acceptedAttempt, accepted: false }); // its lock: nobody reserves of it between here and the commit
        const amount = (await refunds.refundable(trx, id)).find(({ attemptNo }) => attemptNo === acceptedAttempt.no)?.left;
        return done('duplicate', [
          events.append(trx, announce(locked, 'payment.duplicate_paid', { id: newEventId(), now })),
          // Less than was paid when the guest has asked for some of it meanwhile.
          ...(amount
            ? [
                refunds.open(trx, {
                  payment: locked,
                  attemptNo: acceptedAttempt.no,
                  amount,
                  cause: 'duplicate',
                  reason: 'duplicate',
                  at: now,
                }),
              ]
            : []),
          conclude('the amount due was zero'),
        ]);
      }

      const hostResult = await host.orders.writeInSavepoint(trx, current.step, hostWriteValues(locked, order, now));
      const concluded = conclude(hostResult.kind === 'raised' ? hostResult.postgres : hostResult.kind);
      if (!acceptedAttempt) return done(hostResult.kind, [concluded]);
      return hostResult.kind === 'took_effect'
        ? done(hostResult.kind, [concluded, payments.hideSiblings(trx, locked, now), events.releaseOrder(trx, orderPaid(locked, now))])
        : done(hostResult.kind, [
            concluded,
            attempts.save(trx, { ...acceptedAttempt, accepted: false }),
            ...openReview(trx, locked, hostRefusedReview(acceptedAttempt, hostResult), now),
          ]);

      /** `refunded_total` as it was with this refund: another one may have come since. */
      async function writeRefund(refund: Refund | null): Promise<string> {
        if (!locked || !refund) return done('obsolete', [conclude('refund not found')]);
        const total = addRupiah(...(await refunds.ofPayment(trx, id)).filter((each) => isUpTo(each, refund)).map(({ amount }) => amount));
        const hostResult = await host.orders.writeInSavepoint(
          trx,
          'refunded',
          hostWriteValues({ ...locked, refunded: total }, order, now, refund),
        );
        const refused = isRefusal(hostResult) ? [openRefundNotBooked(trx, refund, hostResult, now)] : [];
        return done(hostResult.kind, [conclude(hostResult.kind === 'raised' ? hostResult.postgres : hostResult.kind), ...refused]);
      }

      async function done(outcome: string, writes: Promise<unknown>[]): Promise<string> {
        await pipelined([...writes, trx.commit()]);
        return outcome;
      }
    }
  };

/** Of the same money, and given back before it or it itself. */
function isUpTo(each: Refund, refund: Refund): boolean {
  return each.status === 'succeeded' && each.attemptNo === refund.attemptNo && each.updatedAt <= refund.updatedAt;
}
