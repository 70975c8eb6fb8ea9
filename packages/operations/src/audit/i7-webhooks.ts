import type { Comparison } from './provider-charges.ts';
import { oldest, type Rule } from './rule.ts';

const unfinished = (from: string) => `select w.reference as about, coalesce(w.verdict, 'new') || ', ' || w.tries || ' tries' as ours,
    coalesce('next ' || w.next_try_at, 'no retry') as theirs, w.next_try_at >= c.overdue as waiting
  ${from}`;

/** Webhooks about our charges that are not concluded. */
export const webhooks: readonly Rule[] = [
  {
    invariant: 'I7',
    name: 'unfinished_webhook',
    select: unfinished(`from page p cross join clock c join attempts a on a.payment_id = p.id
      join gateway.webhook_inbox w on w.reference = a.reference and w.received_at >= ${oldest} where w.processed_at is null`),
  },
];

/** Webhooks that are not concluded and whose charge is unknown. */
export const unknownChargeWebhooks: Rule = {
  invariant: 'I7',
  name: 'webhook_for_unknown_charge',
  select: unfinished(`from gateway.webhook_inbox w cross join clock c
      where w.next_try_at is not null and not exists (select from gateway.attempts a where a.reference = w.reference)`),
};

/** Every genuine webhook that we answered with 200 is stored. Several deliveries of one webhook count once. */
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
