import { systemClock as clock } from '@gateway/shared/runtime';
import { closeDiscrepancy, type OpenDiscrepancy, openDiscrepancies, recordAction } from '@gateway/shared/store';
import { CannotDo } from './cannot-do.ts';
import type { Command } from './program.ts';
import { nameOf, rowNamed } from './row-name.ts';
import { actor, inEveryDatabase, withControl } from './surroundings.ts';
import { table } from './table.ts';

const most = 500; // of each database: who has more open than that needs a query, not a list

const list: Command = {
  words: 'discrepancies list',
  takes: '',
  does: 'What two records of money disagree about and nobody has settled yet, oldest first.',
  positionals: 0,
  options: {},
  run: async (_given, env) => {
    const { found, trouble } = await inEveryDatabase(env, (db) => openDiscrepancies(db.pool, most));
    const columns = {
      ID: (found: OpenDiscrepancy) => nameOf(found),
      OPENED: ({ openedAt }: OpenDiscrepancy) => openedAt,
      REASON: ({ reason }: OpenDiscrepancy) => reason,
      OURS: ({ ours }: OpenDiscrepancy) => ours,
      THEIRS: ({ theirs }: OpenDiscrepancy) => theirs,
      STORE: ({ storeId }: OpenDiscrepancy) => storeId,
      ORDER: ({ orderNumber }: OpenDiscrepancy) => orderNumber,
      AMOUNT: ({ amount }: OpenDiscrepancy) => amount,
      STATUS: ({ status }: OpenDiscrepancy) => status,
      PAYMENT: ({ paymentId }: OpenDiscrepancy) => paymentId,
    };
    return { json: found.map(jsonOf), text: table(found, columns, 'None: all records agree.'), trouble };
  },
};

const close: Command = {
  words: 'discrepancies close',
  takes: '<id> --reason <why>',
  does: `Settles one, in your words. Changes no money. A payment that it kept open (paid_unconfirmed, underpaid) is asked about once more and then
      cancelled; money that comes all the same is late money.`,
  positionals: 1,
  options: { reason: { type: 'string' } },
  run: async (given, env) => {
    const name = given.word('the id, as discrepancies list shows it');
    const { host, id } = rowNamed(name, 'a discrepancy');
    const because = given.text('reason');
    const by = actor();
    const at = clock.now();
    await withControl(env, ({ knex }) =>
      recordAction(knex, { actor: by, action: 'close-discrepancy', subject: name, details: { reason: because }, at }),
    );
    const { found, trouble } = await inEveryDatabase(env, async (db) => [await closeDiscrepancy(db, { id, host, by, because, at })]);
    const closed = found.find((each) => each !== null);
    if (!closed) throw new CannotDo([`there is no discrepancy ${name}; discrepancies list shows the open ones`, ...trouble].join('. '));
    const { paymentId, reason, before } = closed;
    return {
      json: { id: name, payment_id: paymentId, reason, closed: true, was_before: before },
      text: `${name} (${reason}, ${paymentId}) ${before ? `was closed at ${before.toISOString()} already` : 'is closed'}.`,
    };
  },
};

function jsonOf(found: OpenDiscrepancy) {
  const { storeId, orderNumber, paymentId, openedAt, id: _, ...rest } = found;
  return { id: nameOf(found), ...rest, store_id: storeId, order_number: orderNumber, payment_id: paymentId, opened_at: openedAt };
}

export const discrepancyCommands: readonly Command[] = [list, close];
