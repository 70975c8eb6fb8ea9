import { systemClock as clock } from '@gateway/shared/runtime';
import { closeHostWrite, recordAction, retryHostWrite } from '@gateway/shared/store';
import { CannotDo } from './cannot-do.ts';
import type { Command } from './program.ts';
import { rowNamed } from './row-name.ts';
import { actor, inEveryDatabase, withControl } from './surroundings.ts';

const idOfOne = 'the id, as parked list shows it';

const retry: Command = {
  words: 'host-writes retry',
  takes: '<id>',
  does: 'Tells a host at once what it could not take, and not when its turn comes.',
  positionals: 1,
  options: {},
  run: async (given, env) => {
    const name = given.word(idOfOne);
    const at = clock.now();
    const row = rowNamed(name, 'a host write');
    await withControl(env, ({ knex }) => recordAction(knex, { actor: actor(), action: 'retry-host-write', subject: name, at }));
    const { found, trouble } = await inEveryDatabase(env, async (db) => [await retryHostWrite(db.pool, { ...row, at })]);
    return said(name, found, trouble, 'is tried now');
  },
};

const close: Command = {
  words: 'host-writes close',
  takes: '<id> --reason <why>',
  does: `For what a host will never take, and somebody has booked by hand: it is not tried again. Of a payment, the kitchen is then not told by the
      gateway. Changes no money.`,
  positionals: 1,
  options: { reason: { type: 'string' } },
  run: async (given, env) => {
    const name = given.word(idOfOne);
    const because = given.text('reason');
    const by = actor();
    const at = clock.now();
    const row = rowNamed(name, 'a host write');
    await withControl(env, ({ knex }) =>
      recordAction(knex, { actor: by, action: 'close-host-write', subject: name, details: { reason: because }, at }),
    );
    const { found, trouble } = await inEveryDatabase(env, async (db) => [await closeHostWrite(db, { ...row, by, because, at })]);
    return said(name, found, trouble, 'is closed');
  },
};

function said(name: string, found: readonly (string | null)[], trouble: readonly string[], what: string) {
  const paymentId = found.find((each) => each !== null);
  if (!paymentId) throw new CannotDo([`there is no host write ${name} that waits; parked list shows them`, ...trouble].join('. '));
  return { json: { id: name, payment_id: paymentId }, text: `${name} (${paymentId}) ${what}.` };
}

export const hostWriteCommands: readonly Command[] = [retry, close];
