import type pg from 'pg';
import { findTransition, type RouteStep, type Transition, type Transitioned } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import * as events from '../events/events.ts';

const display = findTransition('created', 'pending', 'payment.pending') as Transition;

const displayIf = (name: string, condition = ''): Statement => ({
  name,
  // `wanted` locks the payment before `attempt` locks the attempt: the order of every other transaction, so that none deadlocks.
  text: `with wanted as (
      select id from gateway.payments
      where id = $3 and status = any ($14) and hidden_at is null and cancel_requested_at is null and expires_at > $2${condition} for update),
    attempt as (
      update gateway.attempts a set status = 'open', provider_charge_id = $9, answered_at = $2, resolve_at = null
      from wanted where a.payment_id = wanted.id and a.no = $8 and a.status = 'sending'
      returning a.payment_id),
    shown as (
      update gateway.payments p set status = '${display.to}', qr_string = $10, shown_attempt = $8, check_at = $11, watch_until = $12, route = $13, version = version + 1, updated_at = $2
      from attempt where p.id = attempt.payment_id
      returning p.id),
    ${events.insertEvent('from shown')}
    select id from shown`,
});

const displayIfOpen = displayIf('payment-show');
const displayIfUnchanged = displayIf(
  'payment-show-unchanged',
  ` and exists (select from host_order o where o.payable and o.currency = 'IDR' and o.total - o.paid = $15::numeric)
      and not exists (select from gateway.payments other join gateway.attempts a on a.payment_id = other.id and a.unbooked
        where other.host = gateway.payments.host and other.order_key = gateway.payments.order_key)`,
);

export interface QrToShow {
  /** The payment with the QR, made by `transition`, and its event. */
  shown: Transitioned;
  providerChargeId: string;
  /** When the provider is polled for the first time. */
  checkAt: Date;
  /** Until when money may still arrive, also after the payment has closed. */
  watchUntil: Date;
  route: readonly RouteStep[];
}

/**
 * Displays a QR, and appends its event, in one statement: a compare-and-set that only one attempt of a payment can win. The caller
 * cancels the charge of an attempt that did not win. @returns false also when the payment was cancelled, hidden or expired meanwhile,
 * or when the attempt was given up as lost
 */
export async function showQr(db: Queryable, qr: QrToShow): Promise<boolean> {
  const { rowCount } = await db.query({ ...displayIfOpen, values: valuesOf(qr) });
  return rowCount === 1;
}

/**
 * As `showQr`, if the order still owes exactly what the bill says and has no unbooked money. A part of a larger statement, in which the step
 * `host_order` has the order as it is now. Returns a row when the QR was shown.
 */
export const showUnchangedQuery = (qr: QrToShow): pg.QueryConfig => ({
  ...displayIfUnchanged,
  values: [...valuesOf(qr), qr.shown.payment.bill.due],
});

const valuesOf = ({ shown: { payment, event }, providerChargeId, checkAt, watchUntil, route }: QrToShow): unknown[] => [
  ...events.eventValues(event, payment.orderKey),
  payment.shownAttempt,
  providerChargeId,
  payment.qrString,
  checkAt,
  watchUntil,
  JSON.stringify(route),
  display.from,
];
