import { operatorHostWrites } from '@gateway/shared/store';
import { CommandError } from '../command-error.ts';
import { argument } from '../field.ts';
import { formatRowId, rowId } from '../row-id.ts';
import { defineVerb, type Verb, type VerbResult } from '../verb.ts';
import { verbRoles } from '../verb-roles.ts';
import { joined, type Words } from '../words.ts';

const fields = {
  id: argument('the id, as parked list shows it', rowId('host write'), { label: { en: 'Host write', id: 'Tulisan ke host' } }),
};

const retry = defineVerb({
  words: 'host-writes retry',
  group: 'host-writes',
  role: verbRoles['host-writes retry'],
  changes: 'host_writes',
  reason: 'optional',
  title: { en: 'Retry a host write', id: 'Coba lagi tulisan ke host' },
  description: {
    en: 'Retries a deferred host write now, not at its next retry time.',
    id: 'Mencoba lagi tulisan ke host sekarang, tanpa menunggu waktu berikutnya.',
  },
  fields,
  run: async (context, { id: row }, by) => {
    const { rows, errors, notes } = await context.inEveryDatabase(async (db) => [await operatorHostWrites.retry(db, row, by)]);
    return resultOf(formatRowId(row), rows, [...errors, ...notes], { en: 'is retried now', id: 'dicoba lagi sekarang' });
  },
});

const close = defineVerb({
  words: 'host-writes close',
  group: 'host-writes',
  role: verbRoles['host-writes close'],
  changes: 'host_writes',
  reason: 'required',
  title: { en: 'Close a host write', id: 'Tutup tulisan ke host' },
  description: {
    en: `For a host write that the host will never accept and that was recorded by hand: it is not retried. A paid order is then not released by the
      gateway. Changes no money.`,
    id: 'Untuk tulisan yang tidak akan diterima host dan sudah dicatat dengan tangan: tidak dicoba lagi. Tidak mengubah uang.',
  },
  fields,
  run: async (context, { id: row }, { actor, at, reason }) => {
    const closing = { ...row, by: actor, because: reason ?? '', at };
    const { rows, errors, notes } = await context.inEveryDatabase(async (db) => [await operatorHostWrites.close(db, closing)]);
    return resultOf(formatRowId(row), rows, [...errors, ...notes], { en: 'is closed', id: 'ditutup' });
  },
});

function resultOf(name: string, rows: readonly (string | null)[], remarks: readonly Words[], outcome: Words): VerbResult {
  const paymentId = rows.find((each) => each !== null);
  if (!paymentId)
    throw new CommandError(
      joined(
        [
          { en: `no deferred host write ${name}; parked list shows them`, id: `tidak ada tulisan ke host ${name} yang tertunda` },
          ...remarks,
        ],
        '. ',
      ),
    );
  return {
    json: { id: name, payment_id: paymentId },
    content: [{ en: `${name} (${paymentId}) ${outcome.en}.`, id: `${name} (${paymentId}) ${outcome.id}.` }],
  };
}

export const hostWriteVerbs: readonly Verb[] = [retry, close];
