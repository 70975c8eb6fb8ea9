import type { Finding } from './finding.ts';
import type { BookedCharge, Comparison, OurCharge } from './provider-book.ts';
import type { Rule } from './rule.ts';

export const refunds: readonly Rule[] = [
  {
    invariant: 'I9',
    name: 'reserved_is_not_the_sum',
    select: `select a.reference as about, a.refund_reserved_idr as ours, coalesce(r.back, 0) as theirs
      from page p join gateway.attempts a on a.payment_id = p.id
      cross join lateral (select sum(amount_idr) as back from gateway.refunds r where r.payment_id = a.payment_id and r.attempt_no = a.no and r.status <> 'failed') r
      where a.refund_reserved_idr <> coalesce(r.back, 0) or coalesce(r.back, 0) > coalesce(a.paid_idr, 0)`,
  },
  {
    invariant: 'I9',
    name: 'refunded_is_not_the_sum',
    select: `select p.id as about, p.status || ' ' || p.refunded_idr as ours, coalesce(r.back, 0) as theirs
      from page p
      cross join lateral (select sum(r.amount_idr) as back from gateway.refunds r
        join gateway.attempts a on a.payment_id = r.payment_id and a.no = r.attempt_no
        where r.payment_id = p.id and a.accepted and r.status = 'succeeded') r
      where p.refunded_idr <> coalesce(r.back, 0)
        or p.status = 'refunded' and p.refunded_idr < p.received_idr
        or p.status = 'partially_refunded' and p.refunded_idr not between 1 and p.received_idr - 1
        or p.status not in ('partially_refunded', 'refunded') and p.refunded_idr > 0`,
  },
];

/** What the provider gave back, we asked for, and no more; what we call given back, it did give. */
export const refundsAtProvider: Comparison = (theirs, ours) => [
  ...tooMuch(theirs),
  ...theirs.refunds.flatMap((refund) => notOurs(theirs, ours, refund)),
  ...ours.refunds.flatMap((refund) => notTheirs(theirs, refund)),
];

const given = ({ refunds: all }: BookedCharge, reference?: string): number =>
  all
    .filter((refund) => refund.status !== 'failed' && (reference === undefined || refund.reference === reference))
    .reduce((sum, { amount }) => sum + amount, 0);

function tooMuch(theirs: BookedCharge): Finding[] {
  const back = given(theirs);
  if (back <= (theirs.paid_amount ?? 0)) return [];
  const about = theirs.reference;
  return [
    {
      invariant: 'I9',
      rule: 'more_back_than_paid',
      about,
      ours: null,
      theirs: `${back} of ${theirs.paid_amount ?? 0}`,
      state: 'broken',
    },
  ];
}

function notOurs(theirs: BookedCharge, ours: OurCharge, refund: BookedCharge['refunds'][number]): Finding[] {
  if (refund.status === 'failed') return [];
  const asked = ours.refunds.find(({ reference }) => reference === refund.reference);
  const told = { invariant: 'I9', about: theirs.reference, theirs: `${refund.provider_refund_id} ${refund.amount}` } as const;
  if (!asked) {
    const state = ours.isKnown ? 'waiting' : 'broken';
    return [{ ...told, rule: 'given_back_unasked', ours: null, state }];
  }
  if (asked.status === 'failed') return [{ ...told, rule: 'given_back_though_failed', ours: 'failed', state: 'broken' }];
  const twice = given(theirs, asked.reference) > asked.amount;
  return twice ? [{ ...told, rule: 'given_back_twice', ours: `${asked.reference} ${asked.amount}`, state: 'broken' }] : [];
}

function notTheirs(theirs: BookedCharge, { reference, status, amount }: OurCharge['refunds'][number]): Finding[] {
  if (status !== 'succeeded') return [];
  const done = theirs.refunds.some((refund) => refund.reference === reference && refund.status === 'succeeded' && refund.amount === amount);
  if (done) return [];
  const told = { about: theirs.reference, ours: `${reference} ${amount}`, theirs: 'not given back' };
  return [{ invariant: 'I9', rule: 'recorded_not_given_back', ...told, state: 'broken' }];
}
