import type { Rule } from './rule.ts';

/** Money that was not accepted is refunded or in a discrepancy, and a payment accepts one attempt at most. */
export const moneyExplained: readonly Rule[] = [
  {
    invariant: 'I2',
    name: 'unexplained_money',
    select: `select a.reference as about, a.paid_idr as ours, coalesce(r.back, 0) as theirs
      from page p join attempts a on a.payment_id = p.id
      cross join lateral (select sum(amount_idr) as back from refunds r where r.payment_id = a.payment_id and r.attempt_no = a.no and r.status <> 'failed') r
      where a.status = 'paid' and not a.accepted and coalesce(r.back, 0) < a.paid_idr
        and not exists (
          select from discrepancies d where d.payment_id = p.id and coalesce(d.attempt_no, a.no) = a.no
            and (d.closed_at is null or d.closed_by <> 'gateway'))`,
  },
  {
    invariant: 'I2',
    name: 'accepted_twice',
    select: `select p.id as about, 1 as ours, count(*) as theirs
      from page p join attempts a on a.payment_id = p.id where a.accepted group by p.id having count(*) > 1`,
  },
];
