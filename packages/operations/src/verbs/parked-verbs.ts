import { parked } from '@gateway/shared/store';
import { codeWords } from '../codes.ts';
import { formatRowId } from '../row-id.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';
import { same } from '../words.ts';

const maxRows = 500; // per kind and database

const list = defineVerb({
  words: 'parked list',
  group: 'parked',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Parked work', id: 'Pekerjaan tertahan' },
  description: {
    en: `Webhooks that were retried to the end (webhooks replay processes them again), and host writes that keep failing (host-writes retry,
      host-writes close). Discrepancies have a list of their own.`,
    id: 'Webhook yang sudah dicoba sampai habis, dan penulisan ke host yang terus gagal.',
  },
  fields: {},
  run: async (context) => {
    const { rows, errors, notes } = await context.inEveryDatabase((db) => parked.list(db.pool, maxRows));
    const columns = {
      KIND: ({ kind }: parked.Parked) => (kind === 'webhook' ? same(kind) : { en: kind, id: 'tulisan ke host' }),
      ID: (each: parked.Parked) => formatRowId(each),
      SINCE: ({ since }: parked.Parked) => since,
      WHAT: ({ what }: parked.Parked) => what,
      ABOUT: ({ about }: parked.Parked) => about,
      TRIES: ({ tries }: parked.Parked) => tries,
      NEXT: ({ nextTryAt }: parked.Parked) => nextTryAt,
      WHY: ({ why }: parked.Parked) => why && codeWords(why),
    };
    return {
      json: rows.map(jsonOf),
      content: [table(rows, columns, { en: 'No parked work.', id: 'Tidak ada pekerjaan tertahan.' })],
      errors,
      notes,
    };
  },
});

function jsonOf({ host, id, nextTryAt, ...rest }: parked.Parked) {
  return { id: formatRowId({ host, id }), host, ...rest, next_try_at: nextTryAt };
}

export const parkedVerbs: readonly Verb[] = [list];
