import type { Statement } from './database.ts';
import type { PaymentEvent } from './events.ts';
import type { Queryable } from './queryable.ts';

const history: Statement = {
  name: 'payment-history',
  text: `select payload from gateway.payment_events where payment_id = $1 order by occurred_at, event_id limit 500`,
};

/** What happened to a payment and was told, oldest first; 400 days back. */
export async function paymentHistory(db: Queryable, paymentId: string): Promise<PaymentEvent[]> {
  const { rows } = await db.query<{ payload: PaymentEvent }>({ ...history, values: [paymentId] });
  return rows.map(({ payload }) => payload);
}

const owed: Statement = {
  name: 'payment-host-owed',
  text: `select min(next_try_at) as at from gateway.host_writes where payment_id = $1 and done_at is null`,
};

/** When the host is told what it could not take yet; null: it knows all. */
export async function hostToldAt(db: Queryable, paymentId: string): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>({ ...owed, values: [paymentId] });
  return rows[0]?.at ?? null;
}
