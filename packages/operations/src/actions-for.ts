import { isOpen } from '@gateway/shared/payment';
import { type OperatorRole, personOf, roleIncludes } from '@gateway/shared/runtime';
import type { paymentState } from '@gateway/shared/store';
import { codeWords } from './codes.ts';
import { formatRowId } from './row-id.ts';
import { roleWords, verbRoles } from './verb-roles.ts';
import type { Words } from './words.ts';

/** One thing that a person may do with a payment now, or why not. */
export interface PaymentAction {
  /** The words of the verb. */
  words: keyof typeof verbRoles;
  /** What the fields of the verb are filled in with. */
  input: Readonly<Record<string, string>>;
  /** Null: it is possible. */
  why: Words | null;
}

export interface Person {
  actor: string;
  role: OperatorRole;
}

/** What a person may do with one payment now, and why the other things not. Pure: pages and verbs decide by it. */
export function actionsFor(state: paymentState.PaymentState, person: Person): PaymentAction[] {
  const { payment, discrepancies, hostWrites, parkedWebhooks } = state;
  const rowId = (id: number) => ({ id: formatRowId({ host: payment.host, id }) });
  const all: PaymentAction[] = [
    { words: 'payments check', input: { payment: payment.id }, why: whyNoCheck(state) },
    { words: 'payments cancel', input: { payment: payment.id }, why: whyNoCancel(state) },
    { words: 'refunds open', input: { payment: payment.id }, why: whyNoRefund(state) },
    ...waitingRefunds(state).flatMap((refund) => decisionsAbout(refund, person)),
    ...discrepancies.map(({ id }) => ({ words: 'discrepancies close', input: rowId(id), why: null }) as const),
    ...hostWrites.flatMap(({ id }) =>
      (['host-writes retry', 'host-writes close'] as const).map((words) => ({ words, input: rowId(id), why: null })),
    ),
    ...parkedWebhooks.map(({ id }) => ({ words: 'webhooks replay', input: rowId(id), why: null }) as const),
  ];
  return all.map((action) => ({ ...action, why: whyNotBy(person, action.words) ?? action.why }));
}

/** The action with these words, of `actionsFor`. */
export const whyNot = (actions: readonly PaymentAction[], words: PaymentAction['words']): Words | null =>
  actions.find((action) => action.words === words)?.why ?? null;

function whyNotBy({ role }: Person, words: PaymentAction['words']): Words | null {
  const needed = verbRoles[words];
  return roleIncludes(role, needed) ? null : { en: `needs the role ${needed}`, id: `memerlukan peran ${roleWords[needed]}` };
}

function whyNoCheck({ payment }: paymentState.PaymentState): Words | null {
  if (payment.shownAttempt === null) return { en: 'no QR was shown yet', id: 'belum ada QR yang ditampilkan' };
  if (payment.checkAt === null)
    return {
      en: `it is ${payment.status}, and nothing is asked about it any more`,
      id: `statusnya ${codeWords(payment.status).id}, dan tidak ditanyakan lagi`,
    };
  return null;
}

function whyNoCancel({ payment }: paymentState.PaymentState): Words | null {
  if (!isOpen(payment)) return { en: `it is already ${payment.status}`, id: `statusnya sudah ${codeWords(payment.status).id}` };
  if (payment.cancelRequestedAt) return { en: 'it is being cancelled', id: 'sedang dibatalkan' };
  return null;
}

function whyNoRefund({ payment, refunds, refundable }: paymentState.PaymentState): Words | null {
  if (refundable.length === 0)
    return isOpen(payment)
      ? { en: 'nothing has been paid; cancel it instead', id: 'belum ada yang dibayar; batalkan saja' }
      : { en: 'nothing has been paid', id: 'tidak ada yang dibayar' };
  if (refundable.every(({ left }) => left === 0)) {
    const isPending = refunds.some(({ status }) => status === 'pending');
    return isPending
      ? { en: 'a refund of the whole amount is pending', id: 'pengembalian seluruhnya sedang berjalan' }
      : { en: 'the whole amount is refunded', id: 'seluruhnya sudah dikembalikan' };
  }
  if (refundable.every(({ left, awaitsHostWrite }) => left === 0 || awaitsHostWrite))
    return { en: 'the host has not recorded the payment yet', id: 'kasir (POS) belum mencatat pembayaran ini' };
  return null;
}

type Refund = paymentState.PaymentState['refunds'][number];

const waitingRefunds = ({ refunds }: paymentState.PaymentState): Refund[] =>
  refunds.filter(({ status, approval }) => status === 'pending' && approval !== null && approval.decision === null);

function decisionsAbout({ id, approval }: Refund, { actor }: Person): PaymentAction[] {
  const isAsker = personOf(approval?.requestedBy ?? '') === personOf(actor);
  const ownRefund = { en: 'you asked for it: another person must decide', id: 'Anda yang memintanya: orang lain yang memutuskan' };
  const notOwn = { en: 'only who asked for it can withdraw it', id: 'hanya yang memintanya yang dapat menariknya kembali' };
  return [
    { words: 'refunds approve', input: { refund: id }, why: isAsker ? ownRefund : null },
    { words: 'refunds refuse', input: { refund: id }, why: isAsker ? ownRefund : null },
    { words: 'refunds withdraw', input: { refund: id }, why: isAsker ? null : notOwn },
  ];
}
