import { isTransient } from '@gateway/shared/host';
import { addRupiah } from '@gateway/shared/payment';
import type { JobPayload } from '@gateway/shared/queue';
import {
  appendEvent,
  attemptsOf,
  concludeHostWrite,
  findHostWrite,
  findPayment,
  findRefundRow,
  hideSiblingPayments,
  inTransaction,
  lockPayment,
  openRefund,
  type Payment,
  paymentEvent,
  type Refund,
  refundableMoney,
  refundsOf,
  releaseOrder,
  saveAttempt,
  sent,
  type Transaction,
} from '@gateway/shared/store';
import { dueOf, hostRefused, openReview, orderPaid } from '../apply-charge.ts';
import { isNo, refundNotBooked } from '../conclude-refund.ts';
import type { Deps } from '../deps.ts';
import { hostWriteOf } from '../host-write.ts';
import type { ServingHost } from '../serving-host.ts';

/**
 * What a host could not take when it was busy. Money is judged again under its lock, since somebody may have paid otherwise
 * meanwhile. May run twice at the same time: the second finds it done.
 */
export const writeHost =
  ({ hosts, ring, clock }: Pick<Deps, 'hosts' | 'ring' | 'clock'>) =>
  async ({ host: hostId, hostWriteId }: JobPayload<'write-host'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const owed = await findHostWrite(host.db.pool, hostWriteId);
    const payment = owed && (await findPayment(host.db.pool, owed.paymentId));
    if (!payment) return 'done before';
    try {
      const outcome = await inTransaction(host.db, (trx) => write(trx, host, payment, hostWriteId));
      ring(host);
      return outcome;
    } catch (error) {
      if (isTransient(error)) return 'still busy'; // the sweep has set the next try
      throw error;
    }

    async function write(trx: Transaction, at: ServingHost, { id, orderKey, tenant }: Payment, owedId: number): Promise<string> {
      const [, order, locked, attempts, still] = await sent([
        trx.query(at.orders.sessionStatement(tenant)),
        at.orders.lockOrder(trx, { orderKey, tenant }),
        lockPayment(trx, id),
        attemptsOf(trx, id),
        findHostWrite(trx, owedId),
      ] as const);
      if (!locked || !still) return 'done before';
      const now = clock.now();
      const conclude = (note: string) => concludeHostWrite(trx, owedId, now, note);
      if (still.refundId) return bookRefund(await findRefundRow(trx, still.refundId));
      const taken = still.step === 'paid' ? attempts.find(({ accepted }) => accepted) : undefined;
      const isOvertaken = still.step === 'paid' ? !taken : locked.status !== still.step;
      if (isOvertaken) return done('overtaken', [conclude(`it is ${locked.status} now`)]);

      const due = dueOf(order, at);
      if (taken && due !== null && due < locked.amount) {
        await saveAttempt(trx, { ...taken, accepted: false }); // its lock: nobody reserves of it between here and the commit
        const amount = (await refundableMoney(trx, id)).find(({ attemptNo }) => attemptNo === taken.no)?.left;
        return done('duplicate', [
          appendEvent(trx, paymentEvent('payment.duplicate_paid', locked, now)),
          // Less than was paid when the guest has asked for some of it meanwhile.
          ...(amount
            ? [openRefund(trx, { payment: locked, attemptNo: taken.no, amount, cause: 'duplicate', reason: 'duplicate', at: now })]
            : []),
          conclude('the order owed nothing any more'),
        ]);
      }

      const said = await at.orders.writeInSavepoint(trx, still.step, hostWriteOf(locked, order, now));
      const concluded = conclude(said.kind === 'raised' ? said.postgres : said.kind);
      if (!taken) return done(said.kind, [concluded]);
      return said.kind === 'took_effect'
        ? done(said.kind, [concluded, hideSiblingPayments(trx, locked, now), releaseOrder(trx, orderPaid(locked, now))])
        : done(said.kind, [
            concluded,
            saveAttempt(trx, { ...taken, accepted: false }),
            ...openReview(trx, locked, hostRefused(taken, said), now),
          ]);

      /** `refunded_total` as it was with this refund: another one may have come since. */
      async function bookRefund(refund: Refund | null): Promise<string> {
        if (!locked || !refund) return done('overtaken', [conclude('it has no refund any more')]);
        const total = addRupiah(...(await refundsOf(trx, id)).filter((each) => isUpTo(each, refund)).map(({ amount }) => amount));
        const said = await at.orders.writeInSavepoint(trx, 'refunded', hostWriteOf({ ...locked, refunded: total }, order, now, refund));
        const refused = isNo(said) ? [refundNotBooked(trx, refund, said, now)] : [];
        return done(said.kind, [conclude(said.kind === 'raised' ? said.postgres : said.kind), ...refused]);
      }

      async function done(outcome: string, writes: Promise<unknown>[]): Promise<string> {
        await sent([...writes, trx.commit()]);
        return outcome;
      }
    }
  };

/** Of the same money, and given back before it or it itself. */
function isUpTo(each: Refund, refund: Refund): boolean {
  return each.status === 'succeeded' && each.attemptNo === refund.attemptNo && each.updatedAt <= refund.updatedAt;
}
