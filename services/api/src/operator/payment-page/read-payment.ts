import type { Hosts } from '@gateway/shared/host';
import type { Attempt, Payment, Refund } from '@gateway/shared/payment';
import type { Database, PoolShare } from '@gateway/shared/postgres';
import { paymentIdPattern } from '@gateway/shared/runtime';
import { attempts, paymentRecord, payments, refunds } from '@gateway/shared/store';

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
}

/** How the console uses the databases of the hosts: a few of their connections, and not for ever. */
export type ReadHost = <T>(db: Database, work: () => Promise<T>) => Promise<T>;

const waiting = { patienceMs: 2_000, maxWaiting: 50 };

export const createReadHost =
  (share: PoolShare): ReadHost =>
  (db, work) =>
    share(db.pool, work, waiting);

/** Finds the payment in whichever database has it. Null: none has. */
export async function readPayment(hosts: Pick<Hosts, 'databases'>, readHost: ReadHost, id: string): Promise<PaymentFacts | null> {
  if (!paymentIdPattern.test(id)) return null;
  const found = await Promise.all(
    hosts.databases().map(({ db }) =>
      readHost(db, async () => {
        const payment = await payments.find(db.pool, id);
        return payment && factsOf(db, payment);
      }),
    ),
  );
  return found.find((facts) => facts !== null) ?? null;
}

async function factsOf({ pool }: Database, payment: Payment): Promise<PaymentFacts> {
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
  const sent = await paymentRecord.deliveriesOf(
    pool,
    payment,
    events.map(({ event }) => event),
  );
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
  };
}
