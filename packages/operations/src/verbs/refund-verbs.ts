import { asRefundId } from '@gateway/shared/payment';
import type { Database } from '@gateway/shared/postgres';
import { operatorRefunds } from '@gateway/shared/store';
import { z } from 'zod';
import { codeWords } from '../codes.ts';
import { CommandError } from '../command-error.ts';
import { argument, checkbox, option } from '../field.ts';
import type { OperationsContext } from '../operations-context.ts';
import { table } from '../table.ts';
import { defineVerb, type Verb, type VerbResult } from '../verb.ts';
import { joined, type Words } from '../words.ts';
import { open } from './open-refund-verb.ts';
import { approve, listWaiting, refuse, withdraw } from './refund-approval-verbs.ts';

const maxRows = 500; // per database
const refund = argument('the id of the refund (ref_…)', z.string(), {
  label: { en: 'Refund', id: 'Pengembalian dana' },
  placeholder: 'refund',
});

const list = defineVerb({
  words: 'refunds list',
  group: 'refunds',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Pending refunds', id: 'Pengembalian dana yang belum selesai' },
  description: {
    en: `Refunds that are under way, oldest first, with the ids to search for at the dashboard of the provider. With --waiting: those that a
      second person must approve.`,
    id: 'Pengembalian dana yang belum selesai, yang terlama lebih dulu, dengan nomor untuk dicari di dasbor penyedia.',
  },
  fields: { waiting: checkbox({ en: 'Only those that wait for approval', id: 'Hanya yang menunggu persetujuan' }) },
  run: async (context, { waiting }) => {
    if (waiting) return listWaiting(context);
    const { rows, errors, notes } = await context.inEveryDatabase((db) => operatorRefunds.listPending(db.pool, maxRows));
    const columns = {
      REFUND: ({ id }: operatorRefunds.PendingRefund) => id,
      SINCE: ({ createdAt }: operatorRefunds.PendingRefund) => createdAt,
      AMOUNT: ({ amount }: operatorRefunds.PendingRefund) => amount,
      CAUSE: ({ cause }: operatorRefunds.PendingRefund) => codeWords(cause),
      REQUESTED: ({ askedAt }: operatorRefunds.PendingRefund) => askedAt,
      NEXT: ({ nextTryAt }: operatorRefunds.PendingRefund) => nextTryAt,
      ACCOUNT: ({ provider, account }: operatorRefunds.PendingRefund) => `${provider}/${account}`,
      CHARGE: ({ charge }: operatorRefunds.PendingRefund) => charge,
      'PROVIDER REFUND ID': ({ providerRefundId }: operatorRefunds.PendingRefund) => providerRefundId,
    };
    return {
      json: rows.map(jsonOf),
      content: [table(rows, columns, { en: 'No pending refunds.', id: 'Tidak ada pengembalian dana yang belum selesai.' })],
      errors,
      notes,
    };
  },
});

const markFound = defineVerb({
  words: 'refunds found',
  group: 'refunds',
  role: 'operator',
  changes: 'refunds',
  reason: 'optional',
  title: { en: 'Refund found at the provider', id: 'Pengembalian dana ditemukan di penyedia' },
  description: {
    en: `For a refund that the provider has not confirmed (refund_unconfirmed) and that you have found at its dashboard: it is looked up under that
      id at once, and the provider's answer is applied.`,
    id: 'Untuk pengembalian dana yang belum dikonfirmasi penyedia dan sudah Anda temukan di dasbornya: dicari dengan nomor itu, dan jawaban penyedia diterapkan.',
  },
  fields: {
    refund,
    as: option(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, { error: ({ input }) => `invalid provider refund id ${JSON.stringify(input)}` }), {
      label: { en: 'Id at the provider', id: 'Nomor di penyedia' },
      placeholder: 'id at the provider',
    }),
  },
  run: (context, { refund: id, as }, by) =>
    changeRefund(context, id, {
      details: { as },
      outcome: { en: `is looked up as ${as}`, id: `dicari sebagai ${as}` },
      apply: (db) => operatorRefunds.confirmProviderRefund(db, asRefundId(id), as, by),
    }),
});

const repeat = defineVerb({
  words: 'refunds again',
  group: 'refunds',
  role: 'operator',
  changes: 'refunds',
  reason: 'required',
  title: { en: 'Request a refund again', id: 'Minta pengembalian dana sekali lagi' },
  description: {
    en: `For a refund that the provider has not confirmed (refund_unconfirmed) and that is not at its dashboard: it is requested once more.
      Check carefully: a refund that exists there is then made twice.`,
    id: 'Untuk pengembalian dana yang belum dikonfirmasi dan tidak ada di dasbor penyedia: diminta sekali lagi. Periksa baik-baik: bila ternyata ada di sana, uang kembali dua kali.',
  },
  fields: { refund },
  run: (context, { refund: id }, by) =>
    changeRefund(context, id, {
      details: { reason: by.reason ?? '' },
      outcome: { en: 'is requested once more', id: 'diminta sekali lagi' },
      apply: (db) => operatorRefunds.retryRefund(db, id, by),
    }),
});

interface RefundChange {
  /** Of the result as JSON. */
  details: Record<string, string>;
  /** For the operator: `is requested once more`. */
  outcome: Words;
  /** Returns whether the database has this pending refund. */
  apply: (db: Database) => Promise<boolean>;
}

async function changeRefund(context: OperationsContext, id: string, { details, outcome, apply }: RefundChange): Promise<VerbResult> {
  const { rows: done, errors, notes } = await context.inEveryDatabase(async (db) => [await apply(db)]);
  if (!done.includes(true))
    throw new CommandError(
      joined(
        [
          { en: `no pending refund ${id}; refunds list shows them`, id: `tidak ada pengembalian ${id} yang belum selesai` },
          ...errors,
          ...notes,
        ],
        '. ',
      ),
    );
  return { json: { id, ...details }, content: [{ en: `${id} ${outcome.en}.`, id: `${id} ${outcome.id}.` }] };
}

function jsonOf({ paymentId, providerRefundId, askedAt, nextTryAt, createdAt, storeId, ...rest }: operatorRefunds.PendingRefund) {
  const ids = { payment_id: paymentId, store_id: storeId, provider_refund_id: providerRefundId };
  return { ...rest, ...ids, created_at: createdAt, asked_at: askedAt, next_try_at: nextTryAt };
}

export const refundVerbs: readonly Verb[] = [list, open, approve, refuse, withdraw, markFound, repeat];
