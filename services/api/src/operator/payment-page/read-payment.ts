import type { Hosts } from '@gateway/shared/host';
import type { Attempt, Payment, Refund } from '@gateway/shared/payment';
import type { Database, PoolShare } from '@gateway/shared/postgres';
import { paymentIdPattern } from '@gateway/shared/runtime';
import { attempts, paymentRecord, payments, providerCalls, refunds } from '@gateway/shared/store';

/** Everything that is stored about one payment. */
export interface PaymentFacts {
  payment: Payment;
  attempts: readonly Attempt[];
  refunds: readonly Refund[];
  /** The money of each paid attempt, and what is left of it. */
  refundable: readonly refunds.RefundableMoney[];
  events: readonly paymentRecord.PublishedEvent[];
  webhooks: readonly paymentRecord.StoredWebhook[];
  hostWrites: readonly paymentRecord.DeferredWrite[];
  discrepancies: readonly paymentRecord.DiscrepancyOfPayment[];
  deliveries: readonly paymentRecord.DeliveryOfPayment[];
  /** Those that changed something first, then the newest polls. */
  calls: readonly providerCalls.RecordedCall[];
}

const mostCalls = 40;

/** How the console uses the databases of the hosts: a few of their connections, and not for ever. */
export type ReadHost = <T>(db: Database, work: () => Promise<T>) => Promise<T>;

const waiting = { patienceMs: 2_000, maxWaiting: 50 };

export const createReadHost =
  (share: PoolShare): ReadHost =>
  (db, work) =>
    share(db.pool, work, waiting);

/** Where payments are, and how the console reads them. */
export interface PaymentReader {
  hosts: Pick<Hosts, 'databases'>;
  readHost: ReadHost;
}

/** Finds the payment in whichever database has it, and reads what `read` says. Null: none has it. */
export async function readPayment<T>(
  { hosts, readHost }: PaymentReader,
  id: string,
  read: (db: Database, payment: Payment) => Promise<T>,
): Promise<T | null> {
  if (!paymentIdPattern.test(id)) return null;
  const found = await Promise.all(
    hosts.databases().map(({ db }) =>
      readHost(db, async () => {
        const payment = await payments.find(db.pool, id);
        return payment && read(db, payment);
      }),
    ),
  );
  return found.find((each) => each !== null) ?? null;
}

/** Everything that is stored about a payment, as its page needs it. */
export async function factsOf({ pool }: Database, payment: Payment): Promise<PaymentFacts> {
  const attemptRows = await attempts.ofPayment(pool, payment.id);
  const [refundRows, money, events, webhooks, hostWrites, discrepancies] = await Promise.all([
    refunds.ofPayment(pool, payment.id),
    refunds.refundable(pool, payment.id),
    paymentRecord.eventsOf(pool, payment.id),
    paymentRecord.webhooksOf(
      pool,
      attemptRows.map(({ reference }) => reference),
    ),
    paymentRecord.hostWritesOf(pool, payment.id),
    paymentRecord.discrepanciesOf(pool, payment.id),
  ]);
  const [sent, calls] = await Promise.all([
    paymentRecord.deliveriesOf(
      pool,
      payment,
      events.map(({ event }) => event),
    ),
    providerCalls.ofPayment(pool, callsKeyOf(payment, attemptRows, refundRows), mostCalls),
  ]);
  return {
    payment,
    attempts: attemptRows,
    refunds: refundRows,
    refundable: money,
    events,
    webhooks,
    hostWrites,
    discrepancies,
    deliveries: sent,
    calls,
  };
}

/** By which the calls of a payment are found. */
export const callsKeyOf = (payment: Payment, attemptRows: readonly Attempt[], refundRows: readonly Refund[]) => ({
  references: [...attemptRows, ...refundRows].map(({ reference }) => reference),
  createdAt: payment.createdAt,
});
