import type { RefundDecision } from '@gateway/shared/payment';
import { refundApprovals } from '@gateway/shared/store';
import { z } from 'zod';
import { codeWords } from '../codes.ts';
import { CommandError } from '../command-error.ts';
import { argument } from '../field.ts';
import type { OperationsContext } from '../operations-context.ts';
import { table } from '../table.ts';
import { type ActedBy, defineVerb, type VerbResult } from '../verb.ts';
import { verbRoles } from '../verb-roles.ts';
import { joined } from '../words.ts';

const maxRows = 500; // per database
const fields = {
  refund: argument('the id of the refund (ref_…)', z.string(), {
    label: { en: 'Refund', id: 'Pengembalian dana' },
    placeholder: 'refund',
  }),
};

export const approve = defineVerb({
  words: 'refunds approve',
  group: 'refunds',
  role: verbRoles['refunds approve'],
  changes: 'refunds',
  reason: 'required',
  title: { en: 'Approve', id: 'Setujui' },
  description: {
    en: 'Lets a large refund go to the provider. Another person must have asked for it, with a key or as an operator.',
    id: 'Meneruskan pengembalian dana yang besar ke penyedia. Orang lain yang harus memintanya.',
  },
  fields,
  run: (context, { refund }, by) => decide(context, refund, 'approved', by),
});

export const refuse = defineVerb({
  words: 'refunds refuse',
  group: 'refunds',
  role: verbRoles['refunds refuse'],
  changes: 'refunds',
  reason: 'required',
  title: { en: 'Refuse', id: 'Tolak' },
  description: {
    en: 'Refuses a large refund that waits: it fails, nothing reaches the provider, and its money can be refunded again.',
    id: 'Menolak pengembalian dana yang menunggu: tidak ada yang sampai ke penyedia, dan uangnya dapat dikembalikan lagi.',
  },
  fields,
  run: (context, { refund }, by) => decide(context, refund, 'refused', by),
});

export const withdraw = defineVerb({
  words: 'refunds withdraw',
  group: 'refunds',
  role: verbRoles['refunds withdraw'],
  changes: 'refunds',
  reason: 'required',
  title: { en: 'Withdraw', id: 'Tarik kembali' },
  description: {
    en: 'Takes back a large refund that you asked for yourself and that waits for approval.',
    id: 'Menarik kembali pengembalian dana yang Anda minta sendiri dan masih menunggu persetujuan.',
  },
  fields,
  run: (context, { refund }, by) => decide(context, refund, 'withdrawn', by),
});

async function decide(context: OperationsContext, id: string, decision: RefundDecision, by: ActedBy): Promise<VerbResult> {
  const { rows, errors, notes } = await context.inEveryDatabase(async (db) => [await refundApprovals.decide(db, id, decision, by)]);
  const decided = rows.find(({ kind }) => kind !== 'unknown');
  if (!decided)
    throw new CommandError(
      joined(
        [
          {
            en: `no refund ${id} that needs approval; refunds list --waiting shows them`,
            id: `tidak ada pengembalian ${id} yang memerlukan persetujuan`,
          },
          ...errors,
          ...notes,
        ],
        '. ',
      ),
    );
  if (decided.kind === 'same_person')
    throw new CommandError({
      en: `${id} was asked for by you: another person must decide; refunds withdraw takes it back`,
      id: `${id} Anda sendiri yang memintanya: orang lain harus memutuskan; Anda dapat menariknya kembali`,
    });
  if (decided.kind === 'not_asker')
    throw new CommandError({
      en: `${id} was asked for by another person: only they can withdraw it`,
      id: `${id} diminta orang lain: hanya orang itu yang dapat menariknya kembali`,
    });
  if (decided.decision !== decision)
    throw new CommandError({
      en: `${id} was ${decided.decision} already, by ${decided.decidedBy}: nothing was changed`,
      id: `${id} sudah ${codeWords(decided.decision ?? '').id} oleh ${decided.decidedBy}: tidak ada yang diubah`,
    });
  const wasBefore = decided.kind === 'was_decided';
  return {
    json: { id, decision, was_before: wasBefore, decided_by: decided.decidedBy },
    content: [
      wasBefore
        ? {
            en: `${id} was ${decision} already, by ${decided.decidedBy}.`,
            id: `${id} sudah ${codeWords(decision).id} oleh ${decided.decidedBy}.`,
          }
        : { en: `${id} is ${decision}.`, id: `${id} ${codeWords(decision).id}.` },
    ],
  };
}

/** Refunds that wait for a second person. */
export async function listWaiting(context: OperationsContext): Promise<VerbResult> {
  const { rows, errors, notes } = await context.inEveryDatabase((db) => refundApprovals.listWaiting(db.pool, maxRows));
  type Row = refundApprovals.WaitingRefund;
  const columns = {
    REFUND: ({ id }: Row) => id,
    SINCE: ({ requestedAt }: Row) => requestedAt,
    AMOUNT: ({ amount }: Row) => amount,
    'ASKED BY': ({ requestedBy }: Row) => requestedBy,
    REASON: ({ reason }: Row) => reason,
    STORE: ({ storeId }: Row) => storeId,
    ORDER: ({ orderNumber }: Row) => orderNumber,
    PAYMENT: ({ paymentId }: Row) => paymentId,
  };
  const json = rows.map(({ paymentId, storeId, orderNumber, requestedBy, requestedAt, ...rest }) => ({
    ...rest,
    payment_id: paymentId,
    store_id: storeId,
    order_number: orderNumber,
    requested_by: requestedBy,
    requested_at: requestedAt,
  }));
  return {
    json,
    content: [table(rows, columns, { en: 'No refund waits for approval.', id: 'Tidak ada pengembalian dana yang menunggu persetujuan.' })],
    errors,
    notes,
  };
}
