import { statusGroups, statusIn } from '@gateway/shared/payment';
import type { Comparison } from './provider-charges.ts';
import type { Rule } from './rule.ts';

const settled = statusIn(statusGroups.settled);

/** A settled payment has the money, and money makes a payment settled. */
export const moneyRecorded: readonly Rule[] = [
  {
    invariant: 'I1',
    name: 'paid_without_money',
    select: `select p.id as about, p.status || ' ' || p.received_idr as ours, (select max(a.paid_idr) from attempts a where a.payment_id = p.id) as theirs
      from page p where p.status ${settled} and not exists (
        select from attempts a where a.payment_id = p.id and a.no = p.settled_attempt and a.status = 'paid' and a.paid_idr = p.received_idr)`,
  },
  {
    invariant: 'I1',
    name: 'money_without_paid',
    select: `select a.reference as about, p.status as ours, a.paid_idr as theirs
      from page p join attempts a on a.payment_id = p.id
      where not p.status ${settled} and (a.accepted or a.paid_idr >= p.amount_idr)`,
  },
  {
    invariant: 'I1',
    name: 'accepted_without_money',
    select: `select a.reference as about, a.status as ours, a.paid_idr as theirs
      from page p join attempts a on a.payment_id = p.id
      where a.accepted and (a.status <> 'paid' or a.paid_idr < p.amount_idr)`,
  },
];

/** The provider and the gateway record the same paid amount for a charge. */
export const moneyAtProvider: Comparison = (theirs, ours) => {
  if (theirs.paid_amount === null) {
    if (ours.attemptStatus !== 'paid') return [];
    return [
      {
        invariant: 'I1',
        rule: 'recorded_not_paid',
        about: theirs.reference,
        ours: `paid ${ours.paid}`,
        theirs: 'not paid',
        state: 'broken',
      },
    ];
  }
  if (ours.attemptStatus !== 'paid') {
    const state = ours.isAwaited || ours.isKnown ? 'waiting' : 'broken';
    const about = theirs.reference;
    return [{ invariant: 'I1', rule: 'paid_not_recorded', about, ours: ours.attemptStatus, theirs: `paid ${theirs.paid_amount}`, state }];
  }
  // More than the charged amount: the provider added a fee for the payer, which is not the merchant's money.
  const isOurs = ours.paid === theirs.paid_amount || (ours.paid === theirs.amount && theirs.paid_amount > theirs.amount);
  if (isOurs) return [];
  return [
    {
      invariant: 'I1',
      rule: 'amount_differs',
      about: theirs.reference,
      ours: String(ours.paid),
      theirs: String(theirs.paid_amount),
      state: 'broken',
    },
  ];
};
