import type { Comparison } from './provider-charges.ts';
import type { Rule } from './rule.ts';

const unfinished = (from: string) => `select w.reference as about, coalesce(w.verdict, 'new') || ', ' || w.tries || ' tries' as ours,
    coalesce('next ' || w.next_try_at, 'no retry') as theirs, w.next_try_at >= c.overdue as waiting
  ${from}`;

/** What we were told about a charge and have not finished. */
export const webhooks: readonly Rule[] = [
  {
    invariant: 'I7',
    name: 'unfinished_webhook',
    select: unfinished(`from page p cross join clock c join gateway.attempts a on a.payment_id = p.id
      join gateway.webhook_inbox w on w.reference = a.reference where w.processed_at is null`),
  },
];

/** The same about charges that we do not know. */
export const unknownChargeWebhooks: Rule = {
  invariant: 'I7',
  name: 'webhook_for_unknown_charge',
  select: unfinished(`from gateway.webhook_inbox w cross join clock c
      where w.next_try_at is not null and not exists (select from gateway.attempts a where a.reference = w.reference)`),
};

/** What we answered 200 to, we have kept: each piece of news once, however often it came. */
export const webhooksStored: Comparison = (theirs, ours) => {
  const accepted = theirs.webhooks.filter(({ forged, attempts }) => !forged && attempts.some(({ result }) => result === 200));
  const distinctEvents = new Set(accepted.map(({ event }) => event));
  if (ours.webhooks >= distinctEvents.size) return [];
  return [
    {
      invariant: 'I7',
      rule: 'webhook_not_stored',
      about: theirs.reference,
      ours: `${ours.webhooks} stored`,
      theirs: [...distinctEvents].join(', '),
      state: 'broken',
    },
  ];
};
