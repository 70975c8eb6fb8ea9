import { systemClock as clock } from '@gateway/shared/runtime';
import { auditLog, operatorHostWrites } from '@gateway/shared/store';
import type { Command } from '../cli.ts';
import { CommandError } from '../command-error.ts';
import { actor, inEveryDatabase, withControl } from '../context.ts';
import { parseRowId } from '../row-id.ts';

const idDescription = 'the id, as parked list shows it';

const retry: Command = {
  words: 'host-writes retry',
  usage: '<id>',
  description: 'Retries a deferred host write now, not at its next retry time.',
  positionals: 1,
  options: {},
  run: async (args, env) => {
    const name = args.positional(idDescription);
    const at = clock.now();
    const row = parseRowId(name, 'host write');
    await withControl(env, ({ knex }) => auditLog.record(knex, { actor: actor(env), action: 'retry-host-write', subject: name, at }));
    const { rows, errors, notes } = await inEveryDatabase(env, async (db) => [await operatorHostWrites.retry(db.pool, { ...row, at })]);
    return resultOf(name, rows, [...errors, ...notes], 'is retried now');
  },
};

const close: Command = {
  words: 'host-writes close',
  usage: '<id> --reason <why>',
  description: `For a host write that the host will never accept and that was recorded by hand: it is not retried. A paid order is then not released by the
      gateway. Changes no money.`,
  positionals: 1,
  options: { reason: { type: 'string' } },
  run: async (args, env) => {
    const name = args.positional(idDescription);
    const because = args.option('reason');
    const by = actor(env);
    const at = clock.now();
    const row = parseRowId(name, 'host write');
    await withControl(env, ({ knex }) =>
      auditLog.record(knex, { actor: by, action: 'close-host-write', subject: name, details: { reason: because }, at }),
    );
    const { rows, errors, notes } = await inEveryDatabase(env, async (db) => [
      await operatorHostWrites.close(db, { ...row, by, because, at }),
    ]);
    return resultOf(name, rows, [...errors, ...notes], 'is closed');
  },
};

function resultOf(name: string, rows: readonly (string | null)[], remarks: readonly string[], outcome: string) {
  const paymentId = rows.find((each) => each !== null);
  if (!paymentId) throw new CommandError([`no deferred host write ${name}; parked list shows them`, ...remarks].join('. '));
  return { json: { id: name, payment_id: paymentId }, text: `${name} (${paymentId}) ${outcome}.` };
}

export const hostWriteCommands: readonly Command[] = [retry, close];
