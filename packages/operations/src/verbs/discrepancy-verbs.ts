import { operatorDiscrepancies } from '@gateway/shared/store';
import { codeWords } from '../codes.ts';
import { CommandError } from '../command-error.ts';
import { argument } from '../field.ts';
import { formatRowId, rowId } from '../row-id.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb } from '../verb.ts';
import { verbRoles } from '../verb-roles.ts';
import { joined } from '../words.ts';

const maxRows = 500; // per database

const list = defineVerb({
  words: 'discrepancies list',
  group: 'discrepancies',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Discrepancies', id: 'Selisih' },
  description: {
    en: 'Open discrepancies, where two records of money disagree, oldest first.',
    id: 'Selisih yang terbuka, yaitu dua catatan uang yang tidak sama, yang terlama lebih dulu.',
  },
  fields: {},
  run: async (context) => {
    const { rows, errors, notes } = await context.inEveryDatabase((db) => operatorDiscrepancies.listOpen(db.pool, maxRows));
    const columns = {
      ID: (discrepancy: operatorDiscrepancies.OpenDiscrepancy) => formatRowId(discrepancy),
      OPENED: ({ openedAt }: operatorDiscrepancies.OpenDiscrepancy) => openedAt,
      REASON: ({ reason }: operatorDiscrepancies.OpenDiscrepancy) => codeWords(reason),
      OURS: ({ ours }: operatorDiscrepancies.OpenDiscrepancy) => ours,
      THEIRS: ({ theirs }: operatorDiscrepancies.OpenDiscrepancy) => theirs,
      STORE: ({ storeId }: operatorDiscrepancies.OpenDiscrepancy) => storeId,
      ORDER: ({ orderNumber }: operatorDiscrepancies.OpenDiscrepancy) => orderNumber,
      AMOUNT: ({ amount }: operatorDiscrepancies.OpenDiscrepancy) => amount,
      STATUS: ({ status }: operatorDiscrepancies.OpenDiscrepancy) => codeWords(status),
      PAYMENT: ({ paymentId }: operatorDiscrepancies.OpenDiscrepancy) => paymentId,
    };
    return {
      json: rows.map(jsonOf),
      content: [table(rows, columns, { en: 'No open discrepancies.', id: 'Tidak ada selisih terbuka.' })],
      errors,
      notes,
    };
  },
});

const close = defineVerb({
  words: 'discrepancies close',
  group: 'discrepancies',
  role: verbRoles['discrepancies close'],
  changes: 'discrepancies',
  reason: 'required',
  title: { en: 'Close a discrepancy', id: 'Tutup selisih' },
  description: {
    en: `Closes one, with your reason. Changes no money. A payment that it kept open (paid_unconfirmed, underpaid) is checked once more and then
      cancelled; money that arrives after that is a late payment.`,
    id: 'Menutup satu selisih dengan alasan Anda. Tidak mengubah uang. Pembayaran yang ditahan olehnya diperiksa sekali lagi, lalu dibatalkan.',
  },
  fields: {
    id: argument('the id, as discrepancies list shows it', rowId('discrepancy'), { label: { en: 'Discrepancy', id: 'Selisih' } }),
  },
  run: async (context, { id: row }, { actor, at, reason: because }) => {
    const name = formatRowId(row);
    const { rows, errors, notes } = await context.inEveryDatabase(async (db) => [
      await operatorDiscrepancies.close(db, { ...row, by: actor, because: because ?? '', at }),
    ]);
    const closed = rows.find((each) => each !== null);
    if (!closed)
      throw new CommandError(
        joined(
          [
            { en: `unknown discrepancy ${name}; discrepancies list shows the open ones`, id: `selisih ${name} tidak dikenal` },
            ...errors,
            ...notes,
          ],
          '. ',
        ),
      );
    const { paymentId, reason, closedBefore } = closed;
    return {
      json: { id: name, payment_id: paymentId, reason, closed: true, was_before: closedBefore },
      content: [
        closedBefore
          ? {
              en: `${name} (${reason}, ${paymentId}) was closed at ${closedBefore.toISOString()} already.`,
              id: `${name} (${codeWords(reason).id}, ${paymentId}) sudah ditutup pada ${closedBefore.toISOString()}.`,
            }
          : { en: `${name} (${reason}, ${paymentId}) is closed.`, id: `${name} (${codeWords(reason).id}, ${paymentId}) ditutup.` },
      ],
    };
  },
});

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

export const discrepancyVerbs: readonly Verb[] = [list, close];
