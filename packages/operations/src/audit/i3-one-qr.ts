import type { Comparison } from './provider-charges.ts';
import type { Rule } from './rule.ts';

/**
 * An earlier QR `q` of the order must be hidden or expired when the QR of `p` is shown. Two seconds are allowed for the difference
 * between the clocks of two processes. The worker that showed `p` may have a clock that is further ahead, so that `q` only seems to be the
 * earlier one: a payment that was hidden when `q` was made cannot have been shown afterwards.
 */
export const oneQr: readonly Rule[] = [
  {
    invariant: 'I3',
    name: 'two_displayable_qrs',
    select: `select p.id as about, e.occurred_at as ours, q.id as theirs
      from page p
      join events e on e.payment_id = p.id and e.type = 'payment.pending'
      join gateway.payments q on q.host = p.host and q.order_key = p.order_key and q.id <> p.id and q.shown_attempt is not null
      join gateway.payment_events f on f.payment_id = q.id and f.type = 'payment.pending'
        and f.occurred_at between q.created_at - interval '1 day' and e.occurred_at
      where (f.occurred_at, q.id) < (e.occurred_at, p.id)
        and least(coalesce(q.hidden_at, 'infinity'), q.expires_at) > e.occurred_at + interval '2 seconds'
        and coalesce(p.hidden_at, 'infinity') > q.created_at + interval '2 seconds'`,
  },
  {
    invariant: 'I3',
    name: 'bill_amount_differs',
    select: `select p.id as about, p.amount_idr as ours, p.bill->>'amount' as theirs from page p where p.amount_idr <> (p.bill->>'amount')::bigint`,
  },
];

/** The amount of a displayed charge at the provider is the amount of the payment. */
export const chargedAmount: Comparison = (theirs, ours) => {
  if (!ours.isShown || ours.amount === theirs.amount) return [];
  return [
    {
      invariant: 'I3',
      rule: 'shown_amount_differs',
      about: theirs.reference,
      ours: String(ours.amount),
      theirs: String(theirs.amount),
      state: 'broken',
    },
  ];
};
