import { type Parked, parkedWork } from '@gateway/shared/store';
import type { Command } from './program.ts';
import { nameOf } from './row-name.ts';
import { inEveryDatabase } from './surroundings.ts';
import { table } from './table.ts';

const most = 500; // of each kind and database

const list: Command = {
  words: 'parked list',
  takes: '',
  does: `Webhooks that were given up (webhooks replay tries them again), and what a host has not taken although it was tried (host-writes retry,
      host-writes close). Discrepancies have a list of their own.`,
  positionals: 0,
  options: {},
  run: async (_given, env) => {
    const { found, trouble } = await inEveryDatabase(env, (db) => parkedWork(db.pool, most));
    const columns = {
      KIND: ({ kind }: Parked) => kind,
      ID: (each: Parked) => nameOf(each),
      SINCE: ({ since }: Parked) => since,
      WHAT: ({ what }: Parked) => what,
      ABOUT: ({ about }: Parked) => about,
      TRIES: ({ tries }: Parked) => tries,
      NEXT: ({ nextTryAt }: Parked) => nextTryAt,
      WHY: ({ why }: Parked) => why,
    };
    return { json: found.map(jsonOf), text: table(found, columns, 'Nothing is parked.'), trouble };
  },
};

function jsonOf({ host, id, nextTryAt, ...rest }: Parked) {
  return { id: nameOf({ host, id }), host, ...rest, next_try_at: nextTryAt };
}

export const parkedCommands: readonly Command[] = [list];
