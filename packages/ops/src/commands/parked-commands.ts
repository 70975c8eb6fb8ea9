import { parked } from '@gateway/shared/store';
import type { Command } from '../cli.ts';
import { inEveryDatabase } from '../context.ts';
import { formatRowId } from '../row-id.ts';
import { table } from '../table.ts';

const maxRows = 500; // per kind and database

const list: Command = {
  words: 'parked list',
  usage: '',
  description: `Webhooks that were retried to the end (webhooks replay processes them again), and host writes that keep failing (host-writes retry,
      host-writes close). Discrepancies have a list of their own.`,
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const { rows, errors, notes } = await inEveryDatabase(env, (db) => parked.list(db.pool, maxRows));
    const columns = {
      KIND: ({ kind }: parked.Parked) => kind,
      ID: (each: parked.Parked) => formatRowId(each),
      SINCE: ({ since }: parked.Parked) => since,
      WHAT: ({ what }: parked.Parked) => what,
      ABOUT: ({ about }: parked.Parked) => about,
      TRIES: ({ tries }: parked.Parked) => tries,
      NEXT: ({ nextTryAt }: parked.Parked) => nextTryAt,
      WHY: ({ why }: parked.Parked) => why,
    };
    return { json: rows.map(jsonOf), text: table(rows, columns, 'No parked work.'), errors, notes };
  },
};

function jsonOf({ host, id, nextTryAt, ...rest }: parked.Parked) {
  return { id: formatRowId({ host, id }), host, ...rest, next_try_at: nextTryAt };
}

export const parkedCommands: readonly Command[] = [list];
