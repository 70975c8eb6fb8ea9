import type { Finding } from './finding.ts';
import type { Comparison, OurCharge, ProviderCharge } from './provider-charges.ts';
import type { Rule } from './rule.ts';

const sums = (status: string) =>
  `(select payment_id, attempt_no, sum(amount_idr) as back from refunds where status ${status} group by payment_id, attempt_no)`;

/** The sums on attempts and payments equal the sums of their refunds. */
export const refunds: readonly Rule[] = [
  {
    invariant: 'I9',
    name: 'reserved_sum_differs',
    select: `select a.reference as about, a.refund_reserved_idr as ours, coalesce(r.back, 0) as theirs
      from page p join attempts a on a.payment_id = p.id left join ${sums(`<> 'failed'`)} r on r.payment_id = a.payment_id and r.attempt_no = a.no
      where a.refund_reserved_idr <> coalesce(r.back, 0) or coalesce(r.back, 0) > coalesce(a.paid_idr, 0)`,
  },
  {
    invariant: 'I9',
    name: 'refunded_sum_differs',
    select: `select p.id as about, p.status || ' ' || p.refunded_idr as ours, coalesce(r.back, 0) as theirs
      from page p left join ${sums(`= 'succeeded'`)} r on r.payment_id = p.id and r.attempt_no = p.settled_attempt
      where p.refunded_idr <> coalesce(r.back, 0)
        or p.status = 'refunded' and p.refunded_idr < p.received_idr
        or p.status = 'partially_refunded' and p.refunded_idr not between 1 and p.received_idr - 1
        or p.status = 'paid' and p.refunded_idr > 0`,
  },
];

/** Every refund at the provider was requested by us, once and not above the paid amount; every succeeded refund exists there. */
export const refundsAtProvider: Comparison = (theirs, ours) => [
  ...refundedTooMuch(theirs),
  ...theirs.refunds.flatMap((refund) => unexpectedRefund(theirs, ours, refund)),
  ...ours.refunds.flatMap((refund) => missingRefund(theirs, refund)),
];

const refundedAmount = ({ refunds: all }: ProviderCharge, reference?: string): number =>
  all
    .filter((refund) => refund.status !== 'failed' && (reference === undefined || refund.reference === reference))
    .reduce((sum, { amount }) => sum + amount, 0);

function refundedTooMuch(theirs: ProviderCharge): Finding[] {
  const refunded = refundedAmount(theirs);
  if (refunded <= (theirs.paid_amount ?? 0)) return [];
  const about = theirs.reference;
  return [
    {
      invariant: 'I9',
      rule: 'refunded_more_than_paid',
      about,
      ours: null,
      theirs: `${refunded} of ${theirs.paid_amount ?? 0}`,
      state: 'broken',
    },
  ];
}

function unexpectedRefund(theirs: ProviderCharge, ours: OurCharge, refund: ProviderCharge['refunds'][number]): Finding[] {
  if (refund.status === 'failed') return [];
  const ourRefund = ours.refunds.find(({ reference }) => reference === refund.reference);
  const finding = { invariant: 'I9', about: theirs.reference, theirs: `${refund.provider_refund_id} ${refund.amount}` } as const;
  if (!ourRefund) {
    const state = ours.isKnown ? 'waiting' : 'broken';
    return [{ ...finding, rule: 'external_refund', ours: null, state }];
  }
  if (ourRefund.status === 'failed') return [{ ...finding, rule: 'refunded_though_failed', ours: 'failed', state: 'broken' }];
  const isTwice = refundedAmount(theirs, ourRefund.reference) > ourRefund.amount;
  return isTwice ? [{ ...finding, rule: 'refunded_twice', ours: `${ourRefund.reference} ${ourRefund.amount}`, state: 'broken' }] : [];
}

function missingRefund(theirs: ProviderCharge, { reference, status, amount }: OurCharge['refunds'][number]): Finding[] {
  if (status !== 'succeeded') return [];
  const isConfirmed = theirs.refunds.some(
    (refund) => refund.reference === reference && refund.status === 'succeeded' && refund.amount === amount,
  );
  if (isConfirmed) return [];
  const finding = { about: theirs.reference, ours: `${reference} ${amount}`, theirs: 'not refunded' };
  return [{ invariant: 'I9', rule: 'refund_not_at_provider', ...finding, state: 'broken' }];
}
