import { transitions } from '@gateway/shared/payment';
import type { Rule } from './rule.ts';

const allowed = transitions.flatMap(({ from, to, event }) => from.map((status) => `${status} → ${to} by ${event}`));
const announcing = [...new Set(transitions.map(({ event }) => event))];

/** Every announced status change, with the status before it. `left`: how many changes follow it. */
const steps = `, steps as (
  select e.payment_id, e.type, e.payload->>'status' as status, lag(e.payload->>'status', 1, 'created') over announced as before,
    count(*) over (partition by e.payment_id) - row_number() over announced as left
  from page p join events e on e.payment_id = p.id
  where e.type = any ($5)
  window announced as (partition by e.payment_id order by e.occurred_at, e.event_id))`;

export const transitionRules: readonly Rule[] = [
  {
    invariant: 'I4',
    name: 'transition_not_allowed',
    select: `${steps} select payment_id as about, before || ' → ' || status || ' by ' || type as ours, null as theirs
      from steps where status <> before and before || ' → ' || status || ' by ' || type <> all ($6)`,
    values: [announcing, allowed],
  },
  {
    invariant: 'I4',
    name: 'transition_without_event',
    select: `${steps} select p.id as about, p.status as ours, coalesce(s.status, 'created') as theirs
      from page p left join steps s on s.payment_id = p.id and s.left = 0
      where p.status <> coalesce(s.status, 'created')`,
    values: [announcing],
  },
];
