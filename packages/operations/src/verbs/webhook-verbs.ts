import { replay } from '@gateway/shared/store';
import { z } from 'zod';
import { CommandError, UsageError } from '../command-error.ts';
import { argument, option, optional } from '../field.ts';
import { accountName } from '../ids.ts';
import type { OperationsContext } from '../operations-context.ts';
import { formatRowId, type RowId, rowId } from '../row-id.ts';
import { timeOf, untilTime } from '../since.ts';
import { type ActedBy, defineVerb, type Verb, type VerbResult } from '../verb.ts';
import { verbRoles } from '../verb-roles.ts';
import { joined } from '../words.ts';

const everyMs = 200; // five calls a second: the call limit of one account (docs/providers.md)

const replayVerb = defineVerb({
  words: 'webhooks replay',
  group: 'webhooks',
  role: verbRoles['webhooks replay'],
  changes: 'webhook_inbox',
  reason: 'optional',
  title: { en: 'Replay webhooks', id: 'Putar ulang webhook' },
  description: {
    en: `Replays one webhook, by its id in parked list, or every webhook received since then, with --until and --account those of that
      time and account, five a second: after an outage, or after a mistake was corrected. Nothing is applied twice: each replay asks the provider, as the first processing did.`,
    id: 'Memutar ulang satu webhook, atau semua yang diterima sejak suatu waktu (bila diisi, sebelum suatu waktu dan dari satu akun), lima per detik. Tidak ada yang diterapkan dua kali: setiap kali penyedia ditanya lagi.',
  },
  fields: {
    id: optional(argument('the id', rowId('webhook'), { label: { en: 'One webhook, by its id', id: 'Satu webhook, menurut id-nya' } })),
    since: optional(
      option(z.string(), {
        label: { en: 'Or all received since', id: 'Atau semua yang diterima sejak' },
        placeholder: 'time, or 30m, 2h, 3d',
        kind: 'time',
      }),
    ),
    until: optional(option(z.string(), { label: { en: 'Received before', id: 'Diterima sebelum' }, placeholder: 'time', kind: 'time' })),
    account: optional(option(accountName, { label: { en: 'Account', id: 'Akun' }, placeholder: 'provider>/<id' })),
  },
  run: (context, { id, since, until, account }, by) => {
    if (id !== null && (since ?? until ?? account) !== null)
      throw new UsageError({
        en: 'one webhook, or all since a time: not both',
        id: 'satu webhook, atau semua sejak suatu waktu: jangan keduanya',
      });
    if (id !== null) return replayOne(context, id, by);
    if (since === null) throw new UsageError({ en: '--since is missing', id: 'isi webhook, atau sejak kapan' });
    const range = { since: timeOf(since, by.at), until: until === null ? null : untilTime(until, by.at), account, everyMs };
    return replayRange(context, range, by);
  },
});

async function replayRange(context: OperationsContext, range: replay.ReplayRange, by: ActedBy): Promise<VerbResult> {
  const { rows, errors, notes } = await context.inEveryDatabase(async (db) => [await replay.range(db, range, by)]);
  const { since, until, account } = range;
  const count = rows.reduce((sum, each) => sum + each, 0);
  const seconds = Math.ceil((Math.max(0, ...rows) * everyMs) / 1_000);
  const message =
    count === 0
      ? {
          en: `No webhook for this gateway was received since ${since.toISOString()}${until ? ` and before ${until.toISOString()}` : ''}.`,
          id: `Tidak ada webhook untuk gerbang ini yang diterima sejak ${since.toISOString()}${until ? ` dan sebelum ${until.toISOString()}` : ''}.`,
        }
      : {
          en: `${count} webhooks queued for replay, the last one in ${seconds} s.`,
          id: `${count} webhook diantrekan untuk diputar ulang, yang terakhir dalam ${seconds} detik.`,
        };
  return { json: { since, until, account: account && `${account.provider}/${account.account}`, count }, content: [message], errors, notes };
}

async function replayOne(context: OperationsContext, row: RowId, by: ActedBy): Promise<VerbResult> {
  const name = formatRowId(row);
  const { rows, errors, notes } = await context.inEveryDatabase(async (db) => [await replay.one(db, row, by)]);
  const reference = rows.find((each) => each !== null);
  if (!reference)
    throw new CommandError(
      joined(
        [{ en: `unknown webhook ${name}; parked list shows the parked ones`, id: `webhook ${name} tidak dikenal` }, ...errors, ...notes],
        '. ',
      ),
    );
  return {
    json: { id: name, reference },
    content: [{ en: `${name} (${reference}) queued for replay.`, id: `${name} (${reference}) diantrekan untuk diputar ulang.` }],
    notes,
  };
}

export const webhookVerbs: readonly Verb[] = [replayVerb];
