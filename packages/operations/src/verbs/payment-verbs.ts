import { inTransaction } from '@gateway/shared/postgres';
import { auditLog, paymentState, payments } from '@gateway/shared/store';
import { z } from 'zod';
import { actionsFor, whyNot } from '../actions-for.ts';
import { codeWords } from '../codes.ts';
import { CommandError } from '../command-error.ts';
import { argument } from '../field.ts';
import type { OperationsContext } from '../operations-context.ts';
import { table } from '../table.ts';
import { type ActedBy, defineVerb, type Verb, type VerbResult } from '../verb.ts';
import { verbRoles, verbWords } from '../verb-roles.ts';
import { joined, same, type Words } from '../words.ts';
import { paymentNotFound } from './payment-not-found.ts';

const fields = {
  payment: argument('the id of the payment (pay_…)', z.string(), { label: { en: 'Payment', id: 'Pembayaran' }, placeholder: 'payment' }),
};

const show = defineVerb({
  words: 'payments show',
  group: 'payments',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'One payment', id: 'Satu pembayaran' },
  description: {
    en: 'The state of a payment, what can be done with it now, and why other things cannot.',
    id: 'Keadaan pembayaran, apa yang dapat dilakukan sekarang, dan mengapa yang lain tidak.',
  },
  fields,
  run: async (context, { payment: id }) => {
    const { rows, errors, notes } = await context.inEveryDatabase(async (db) => {
      const found = await paymentState.read(db.pool, id);
      return found ? [found] : [];
    });
    const [state] = rows;
    if (!state) throw new CommandError(joined([paymentNotFound(id), ...errors, ...notes], '. '));
    const { payment } = state;
    const actions = actionsFor(state, { actor: '', role: 'admin' });
    const columns = {
      ACTION: ({ words }: (typeof actions)[number]) => ({ en: words, id: verbWords[words] }),
      FOR: ({ input }: (typeof actions)[number]) => Object.values(input).join(' '),
      NOW: ({ why }: (typeof actions)[number]) => why ?? { en: 'possible', id: 'bisa' },
    };
    const { orderNumber, storeId, status, amount, received, refunded } = payment;
    const summary = {
      en: `${id} of order ${orderNumber}, store ${storeId}: ${status}, Rp ${amount}, received Rp ${received}, refunded Rp ${refunded}.`,
      id: `${id} dari pesanan ${orderNumber}, gerai ${storeId}: ${codeWords(status).id}, Rp ${amount}, diterima Rp ${received}, dikembalikan Rp ${refunded}.`,
    };
    const json = {
      payment_id: id,
      status,
      actions: actions.map(({ why, ...action }) => ({ ...action, possible: why === null, why: why?.en ?? null })),
    };
    return { json, content: [summary, table(actions, columns, same(''))] };
  },
});

const check = defineVerb({
  words: 'payments check',
  group: 'payments',
  role: verbRoles['payments check'],
  changes: 'payments',
  reason: 'optional',
  title: { en: 'Ask the provider now', id: 'Tanya penyedia sekarang' },
  description: {
    en: 'Asks the provider about a payment now, not at the next poll: when a guest says that the money is gone.',
    id: 'Menanyakan pembayaran ke penyedia sekarang juga: bila tamu mengatakan uangnya sudah terpotong.',
  },
  fields,
  run: (context, { payment: id }, by) =>
    change(context, id, by, {
      words: 'payments check',
      action: 'check-payment',
      outcome: { en: 'is asked about now', id: 'ditanyakan sekarang' },
      apply: (trx) => paymentState.checkNow(trx, id, by.at),
    }),
});

const cancel = defineVerb({
  words: 'payments cancel',
  group: 'payments',
  role: verbRoles['payments cancel'],
  changes: 'payments',
  reason: 'required',
  title: { en: 'Cancel a payment', id: 'Batalkan pembayaran' },
  description: {
    en: 'Hides the QR at once, then cancels it at the provider. Money that arrives nevertheless is a late payment.',
    id: 'Menyembunyikan QR saat itu juga, lalu membatalkannya di penyedia. Uang yang tetap datang adalah pembayaran terlambat.',
  },
  fields,
  run: (context, { payment: id }, by) =>
    change(context, id, by, {
      words: 'payments cancel',
      action: 'cancel-payment',
      outcome: { en: 'is hidden, and is being cancelled', id: 'disembunyikan, dan sedang dibatalkan' },
      apply: async (trx) => (await payments.hide(trx, id, 'operator', by.at)) !== null,
    }),
});

type Trx = Parameters<Parameters<typeof inTransaction>[1]>[0];

interface Change {
  words: 'payments check' | 'payments cancel';
  action: string;
  outcome: Words;
  /** Returns false when the payment changed at the same time, so that it is not possible any more. */
  apply: (trx: Trx) => Promise<boolean>;
}

async function change(context: OperationsContext, id: string, by: ActedBy, { words, action, outcome, apply }: Change): Promise<VerbResult> {
  const { rows, errors, notes } = await context.inEveryDatabase((db) =>
    inTransaction(db, async (trx) => {
      const state = (await payments.lock(trx, id)) && (await paymentState.read(trx, id));
      if (!state) return [];
      const why = whyNot(actionsFor(state, { actor: by.actor, role: 'admin' }), words);
      if (why) throw new CommandError({ en: `${words}: ${why.en}`, id: `Tidak bisa: ${why.id}` });
      if (!(await apply(trx)))
        throw new CommandError({
          en: `${words}: the payment changed at the same time; look at it again`,
          id: 'Pembayaran berubah pada saat yang sama; lihat lagi',
        });
      await auditLog.append(trx, { action, subject: id }, by);
      return [state];
    }),
  );
  const [found] = rows;
  if (!found) throw new CommandError(joined([paymentNotFound(id), ...errors, ...notes], '. '));
  return { json: { payment_id: id, action }, content: [{ en: `${id} ${outcome.en}.`, id: `${id} ${outcome.id}.` }] };
}

export const paymentVerbs: readonly Verb[] = [show, check, cancel];
