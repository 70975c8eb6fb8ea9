import type { Statement } from './database.ts';
import type { Queryable } from './queryable.ts';
import type { RouteStep } from './route-step.ts';

const show: Statement = {
  name: 'payment-show', // the payment's lock before the attempt's, as everywhere
  text: `with wanted as (
      select id from gateway.payments
      where id = $1 and status = 'created' and hidden_at is null and cancel_requested_at is null and expires_at > $5 for update),
    attempt as (
      update gateway.attempts a set status = 'open', provider_charge_id = $3, answered_at = $5, resolve_at = null
      from wanted where a.payment_id = wanted.id and a.no = $2 and a.status = 'sending'
      returning a.payment_id),
    shown as (
      update gateway.payments p set status = 'pending', qr_string = $4, shown_attempt = $2, check_at = $6, watch_until = $10, route = $7, version = version + 1, updated_at = $5
      from attempt where p.id = attempt.payment_id
      returning p.id, p.store_id, p.order_key),
    event as (
      insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload)
      select $8, $5, id, 'payment.pending', $9 from shown)
    insert into gateway.outbox (event_id, occurred_at, store_id, type, order_key, payment_id)
    select $8, $5, store_id, 'payment.pending', order_key, id from shown
    returning id`,
};

export interface QrToShow {
  paymentId: string;
  attemptNo: number;
  providerChargeId: string;
  qrString: string;
  at: Date;
  /** When to ask for the first time whether it was paid, and until when money may still arrive. */
  checkAt: Date;
  watchUntil: Date;
  route: readonly RouteStep[];
  event: { event_id: string };
}

/**
 * Puts a QR on display: compare and set, with its event, in one statement. Whoever comes first wins; the loser's charge must be
 * taken down. False too when the payment was cancelled, hidden or expired meanwhile, or the attempt was given up for lost.
 */
export async function showQr(db: Queryable, qr: QrToShow): Promise<boolean> {
  const { rowCount } = await db.query({
    ...show,
    values: [
      qr.paymentId,
      qr.attemptNo,
      qr.providerChargeId,
      qr.qrString,
      qr.at,
      qr.checkAt,
      JSON.stringify(qr.route),
      qr.event.event_id,
      JSON.stringify(qr.event),
      qr.watchUntil,
    ],
  });
  return rowCount === 1;
}
