import { statusGroups, statusIn } from '@gateway/shared/payment';
import type { Rule } from './rule.ts';

const open = statusIn(statusGroups.open);

/** Every unfinished row has a deadline, and no deadline is overdue. */
export const ends: readonly Rule[] = [
  {
    invariant: 'I8',
    name: 'attempt_unresolved',
    select: `select a.reference as about, a.status || coalesce(' ' || a.reason, '') as ours, a.resolve_at as theirs, a.resolve_at >= c.overdue as waiting
      from page p cross join clock c join attempts a on a.payment_id = p.id
      where a.status in ('sending', 'unknown')
        and (a.resolve_at >= c.overdue or not exists (
          select from discrepancies d where d.payment_id = p.id and d.attempt_no = a.no and d.reason = 'unresolved_attempt'))`,
  },
  {
    invariant: 'I8',
    name: 'open_charge_not_cancelled',
    select: `select a.reference as about, a.status as ours, a.resolve_at as theirs, a.resolve_at >= c.overdue as waiting
      from page p cross join clock c join attempts a on a.payment_id = p.id
      where a.status = 'open' and a.no is distinct from p.shown_attempt and (a.resolve_at is null or a.resolve_at < c.overdue)`,
  },
  {
    invariant: 'I8',
    name: 'open_payment_overdue',
    select: `select p.id as about, p.status as ours, p.check_at as theirs
      from page p cross join clock c
      where p.status ${open} and (p.check_at < c.overdue or (p.check_at is null and not exists (
        select from discrepancies d where d.payment_id = p.id and d.closed_at is null)))`,
  },
  {
    invariant: 'I8',
    name: 'late_polling_overdue',
    select: `select p.id as about, p.status as ours, p.check_at as theirs
      from page p cross join clock c where not p.status ${open} and p.check_at < c.overdue`,
  },
  {
    invariant: 'I8',
    name: 'refund_unresolved',
    select: `select r.id as about, r.status as ours, r.next_try_at as theirs, coalesce(r.next_try_at >= c.overdue, v.refund_id is not null) as waiting
      from page p cross join clock c join refunds r on r.payment_id = p.id
        left join gateway.refund_approvals v on v.refund_id = r.id and v.decision is null
      where r.status = 'pending'`,
  },
];
