const own = `p.id, p.host, p.tenant, p.store_id as "storeId", p.order_key as "orderKey", p.order_number as "orderNumber", p.reference,
  p.host_payment_key as "hostPaymentKey", p.client_id as "clientId", p.status, p.version, p.amount_idr as amount, p.received_idr as received,
  p.refunded_idr as refunded, p.settled_attempt as "settledAttempt", p.recorded, p.residue, p.bill, p.qr_string as "qrString", p.shown_attempt as "shownAttempt", p.hidden_at as "hiddenAt",
  p.cancel_requested_at as "cancelRequestedAt", p.cancel_reason as "cancelReason", p.review_since as "reviewSince", p.expires_at as "expiresAt",
  p.paid_at as "paidAt", p.check_at as "checkAt", p.checked_at as "checkedAt", p.lease_no as "leaseNo", p.watch_until as "watchUntil", p.reply_to as "replyTo", p.route,
  p.created_at as "createdAt", p.updated_at as "updatedAt",
  (p.review_since is not null or exists (select from gateway.discrepancies d where d.payment_id = p.id and d.closed_at is null)) as "needsReview"`;

/** The select list of a `Payment`; `p` is `gateway.payments`. */
export const columns = `${own},
  (select a.issuer from gateway.attempts a where a.payment_id = p.id and a.no = p.settled_attempt) as issuer,
  (select a.receipt from gateway.attempts a where a.payment_id = p.id and a.no = p.settled_attempt) as receipt`;

/** The same for a list, with `settledAttempt` in its `from`: the attempt of each payment is looked up once, and not for each column. */
export const columnsOfList = `${own}, settled.issuer, settled.receipt`;
export const settledAttempt = 'left join gateway.attempts settled on settled.payment_id = p.id and settled.no = p.settled_attempt';
