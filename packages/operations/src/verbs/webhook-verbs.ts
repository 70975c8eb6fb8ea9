import { replay } from '@gateway/shared/store';
import { z } from 'zod';
import { CommandError, UsageError } from '../command-error.ts';
import { argument, option, optional } from '../field.ts';
import type { OperationsContext } from '../operations-context.ts';
import { formatRowId, type RowId, rowId } from '../row-id.ts';
import { timeOf } from '../since.ts';
import { type ActedBy, defineVerb, type Verb, type VerbResult } from '../verb.ts';
import { verbRoles } from '../verb-roles.ts';

const everyMs = 200; // five calls a second: the call limit of one account (docs/providers.md)

const replayVerb = defineVerb({
  words: 'webhooks replay',
  group: 'webhooks',
  role: verbRoles['webhooks replay'],
  changes: 'webhook_inbox',
  reason: 'optional',
  title: { en: 'Replay webhooks', id: 'Putar ulang webhook' },
  description: {
    en: `Replays one webhook, by its id in parked list, or every webhook received since then, five a second: after an outage, or
      after a mistake was corrected. Nothing is applied twice: each replay asks the provider, as the first processing did.`,
    id: 'Memutar ulang satu webhook, atau semua yang diterima sejak suatu waktu, lima per detik. Tidak ada yang diterapkan dua kali: setiap kali penyedia ditanya lagi.',
  },
  fields: {
    id: optional(argument('the id', rowId('webhook'), { label: { en: 'Webhook', id: 'Webhook' } })),
    since: optional(option(z.string(), { label: { en: 'Or all since', id: 'Atau semua sejak' }, placeholder: 'time, or 30m, 2h, 3d' })),
  },
  run: (context, { id, since }, by) => {
    if (id !== null && since !== null) throw new UsageError('one webhook, or all since a time: not both');
    if (id !== null) return replayOne(context, id, by);
    if (since === null) throw new UsageError('--since is missing');
    return replaySince(context, timeOf(since, by.at), by);
  },
});

async function replaySince(context: OperationsContext, since: Date, by: ActedBy): Promise<VerbResult> {
  const { rows, errors, notes } = await context.inEveryDatabase(async (db) => [await replay.since(db, { since, everyMs }, by)]);
  const count = rows.reduce((sum, each) => sum + each, 0);
  const seconds = Math.ceil((Math.max(0, ...rows) * everyMs) / 1_000);
  const message =
    count === 0
      ? `No webhook for this gateway was received since ${since.toISOString()}.`
      : `${count} webhooks queued for replay, the last one in ${seconds} s.`;
  return { json: { since, count }, content: [message], errors, notes };
}

async function replayOne(context: OperationsContext, row: RowId, by: ActedBy): Promise<VerbResult> {
  const name = formatRowId(row);
  const { rows, errors, notes } = await context.inEveryDatabase(async (db) => [await replay.one(db, row, by)]);
  const reference = rows.find((each) => each !== null);
  if (!reference) throw new CommandError([`unknown webhook ${name}; parked list shows the parked ones`, ...errors, ...notes].join('. '));
  return { json: { id: name, reference }, content: [`${name} (${reference}) queued for replay.`], notes };
}

export const webhookVerbs: readonly Verb[] = [replayVerb];
