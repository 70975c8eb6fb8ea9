import { rupiah } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { auditLog, paymentState, payments, providerAccounts } from '@gateway/shared/store';
import { z } from 'zod';
import { actionsFor, whyNot } from '../actions-for.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { argument, option, optional } from '../field.ts';
import { directoryOf } from '../known-accounts.ts';
import type { OperationsContext } from '../operations-context.ts';
import { openRefund, type RefundRules } from '../refunds/open-refund.ts';
import { type ActedBy, defineVerb } from '../verb.ts';
import { verbRoles } from '../verb-roles.ts';
import { joined } from '../words.ts';
import { paymentNotFound } from './payment-not-found.ts';

const maxReasonLength = 200; // it is sent to the provider

export const open = defineVerb({
  words: 'refunds open',
  group: 'refunds',
  role: verbRoles['refunds open'],
  changes: 'refunds',
  reason: 'required',
  title: { en: 'Refund', id: 'Kembalikan dana' },
  description: {
    en: `Refunds the payer of a payment, in full or in part. It waits for a second person when the refunds of the payment reach REFUND_APPROVAL_FROM
      rupiah together. The reason
      is sent to the provider: no personal data.`,
    id: 'Mengembalikan uang kepada pembayar, seluruhnya atau sebagian. Pengembalian yang besar menunggu orang kedua. Alasan dikirim ke penyedia: tanpa data pribadi.',
  },
  fields: {
    payment: argument('the id of the payment (pay_…)', z.string(), { label: { en: 'Payment', id: 'Pembayaran' }, placeholder: 'payment' }),
    amount: optional(
      option(
        z
          .string()
          .regex(/^[1-9]\d{0,7}$/, '--amount must be whole rupiah')
          .transform(Number),
        {
          label: { en: 'Amount', id: 'Jumlah' },
          placeholder: 'rupiah',
          kind: 'number',
        },
      ),
    ),
  },
  run: async (context, { payment: id, amount }, by) => {
    if ((by.reason ?? '').length > maxReasonLength)
      throw new UsageError({
        en: `--reason has at most ${maxReasonLength} characters`,
        id: `alasan paling banyak ${maxReasonLength} karakter`,
      });
    const rules = await rulesOf(context);
    const { rows, errors, notes } = await context.inEveryDatabase(async (db) => {
      if (!(await payments.find(db.pool, id))) return [];
      return [await inTransaction(db, (trx) => openOne(trx, rules, { id, amount }, by))];
    });
    const [refund] = rows;
    if (!refund) throw new CommandError(joined([paymentNotFound(id), ...errors, ...notes], '. '));
    const isWaiting = refund.approval !== null;
    return {
      json: { id: refund.id, payment_id: id, amount: refund.amount, status: refund.status, waits_for_approval: isWaiting },
      content: [
        isWaiting
          ? {
              en: `${refund.id} of Rp ${refund.amount} waits for the approval of another person: ops -- refunds approve ${refund.id} --reason …`,
              id: `${refund.id} sebesar Rp ${refund.amount} menunggu persetujuan orang lain.`,
            }
          : {
              en: `${refund.id} of Rp ${refund.amount} is requested from the provider now.`,
              id: `${refund.id} sebesar Rp ${refund.amount} sekarang diminta ke penyedia.`,
            },
      ],
    };
  },
});

type Trx = Parameters<typeof openRefund>[0];

/** A form that is sent twice opens one refund: a second one of the same amount must wait until the first is final. */
async function openOne(trx: Trx, rules: RefundRules, { id, amount }: { id: string; amount: number | null }, by: ActedBy) {
  const payment = await payments.lock(trx, id);
  const state = payment && (await paymentState.read(trx, id));
  if (!state) throw new CommandError(paymentNotFound(id));
  const why = whyNot(actionsFor(state, { actor: by.actor, role: 'admin' }), 'refunds open');
  if (why) throw new CommandError({ en: `refunds open: ${why.en}`, id: `Tidak dapat dikembalikan: ${why.id}` });
  const pending = state.refunds.find(
    (each) => each.status === 'pending' && each.cause === 'operator' && (amount === null || each.amount === amount),
  );
  if (pending)
    throw new CommandError({
      en: `refund ${pending.id} of Rp ${pending.amount} is pending: nothing was done. Wait until it is final, then refund the rest`,
      id: `pengembalian ${pending.id} sebesar Rp ${pending.amount} sedang berjalan: tidak ada yang dilakukan. Tunggu sampai final, lalu kembalikan sisanya`,
    });
  const asked = {
    payment,
    amount: amount === null ? null : rupiah(amount),
    cause: 'operator',
    reason: by.reason ?? '',
    requestedBy: by.actor,
    at: by.at,
  } as const;
  const refund = await openRefund(trx, rules, asked);
  const details = { payment: id, amount: refund.amount, waits_for_approval: refund.approval !== null };
  await auditLog.append(trx, { action: 'open-refund', subject: refund.id, details }, by);
  return refund;
}

async function rulesOf(context: OperationsContext): Promise<RefundRules> {
  const rows = await context.withControl(({ knex }) => providerAccounts.list(knex));
  const accounts = directoryOf(context.accounts(), rows, context.clock, () => {});
  return { accounts, approvalFrom: context.refundApprovalFrom() };
}
