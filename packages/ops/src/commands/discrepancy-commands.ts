import { systemClock as clock } from '@gateway/shared/runtime';
import { auditLog, operatorDiscrepancies } from '@gateway/shared/store';
import type { Command } from '../cli.ts';
import { CommandError } from '../command-error.ts';
import { actor, inEveryDatabase, withControl } from '../context.ts';
import { formatRowId, parseRowId } from '../row-id.ts';
import { table } from '../table.ts';

const maxRows = 500; // per database

const list: Command = {
  words: 'discrepancies list',
  usage: '',
  description: 'Open discrepancies, where two records of money disagree, oldest first.',
  positionals: 0,
  options: {},
  run: async (_args, env) => {
    const { rows, errors, notes } = await inEveryDatabase(env, (db) => operatorDiscrepancies.listOpen(db.pool, maxRows));
    const columns = {
      ID: (discrepancy: operatorDiscrepancies.OpenDiscrepancy) => formatRowId(discrepancy),
      OPENED: ({ openedAt }: operatorDiscrepancies.OpenDiscrepancy) => openedAt,
      REASON: ({ reason }: operatorDiscrepancies.OpenDiscrepancy) => reason,
      OURS: ({ ours }: operatorDiscrepancies.OpenDiscrepancy) => ours,
      THEIRS: ({ theirs }: operatorDiscrepancies.OpenDiscrepancy) => theirs,
      STORE: ({ storeId }: operatorDiscrepancies.OpenDiscrepancy) => storeId,
      ORDER: ({ orderNumber }: operatorDiscrepancies.OpenDiscrepancy) => orderNumber,
      AMOUNT: ({ amount }: operatorDiscrepancies.OpenDiscrepancy) => amount,
      STATUS: ({ status }: operatorDiscrepancies.OpenDiscrepancy) => status,
      PAYMENT: ({ paymentId }: operatorDiscrepancies.OpenDiscrepancy) => paymentId,
    };
    return { json: rows.map(jsonOf), text: table(rows, columns, 'No open discrepancies.'), errors, notes };
  },
};

const close: Command = {
  words: 'discrepancies close',
  usage: '<id> --reason <why>',
  description: `Closes one, with your reason. Changes no money. A payment that it kept open (paid_unconfirmed, underpaid) is checked once more and then
      cancelled; money that arrives after that is a late payment.`,
  positionals: 1,
  options: { reason: { type: 'string' } },
  run: async (args, env) => {
    const name = args.positional('the id, as discrepancies list shows it');
    const { host, id } = parseRowId(name, 'discrepancy');
    const because = args.option('reason');
    const by = actor(env);
    const at = clock.now();
    await withControl(env, ({ knex }) =>
      auditLog.record(knex, { actor: by, action: 'close-discrepancy', subject: name, details: { reason: because }, at }),
    );
    const { rows, errors, notes } = await inEveryDatabase(env, async (db) => [
      await operatorDiscrepancies.close(db, { id, host, by, because, at }),
    ]);
    const closed = rows.find((each) => each !== null);
    if (!closed)
      throw new CommandError([`unknown discrepancy ${name}; discrepancies list shows the open ones`, ...errors, ...notes].join('. '));
    const { paymentId, reason, closedBefore } = closed;
    return {
      json: { id: name, payment_id: paymentId, reason, closed: true, was_before: closedBefore },
      text: `${name} (${reason}, ${paymentId}) ${closedBefore ? `was closed at ${closedBefore.toISOString()} already` : 'is closed'}.`,
    };
  },
};

function jsonOf(discrepancy: operatorDiscrepancies.OpenDiscrepancy) {
  const { storeId, orderNumber, paymentId, openedAt, id: _, ...rest } = discrepancy;
  return {
    id: formatRowId(discrepancy),
    ...rest,
    store_id: storeId,
    order_number: orderNumber,
    payment_id: paymentId,
    opened_at: openedAt,
  };
}

export const discrepancyCommands: readonly Command[] = [list, close];
