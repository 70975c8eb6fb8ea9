import { type Payment, type Refund, type RefundCause, type Rupiah, rupiah } from '@gateway/shared/payment';
import type { Transaction } from '@gateway/shared/postgres';
import { type AccountDirectory, providerKind } from '@gateway/shared/provider';
import { plusMs } from '@gateway/shared/runtime';
import { refundApprovals, refunds } from '@gateway/shared/store';
import { codeWords } from '../codes.ts';
import { CommandError } from '../command-error.ts';
import type { Words } from '../words.ts';

export interface RefundToOpen {
  /** Locked by the transaction. */
  payment: Payment;
  /** Null: all that can be refunded at once. */
  amount: Rupiah | null;
  cause: Extract<RefundCause, 'client' | 'operator'>;
  reason: string;
  /** The key, when an API client asks. */
  clientId?: string;
  /** The first person: an actor of the audit log, or `key cli_…`. */
  requestedBy: string;
  at: Date;
}

/** The rules of an installation that a refund depends on. */
export interface RefundRules {
  accounts: Pick<AccountDirectory, 'find'>;
  /** From the refund on with which those of a payment reach that many rupiah, each waits for a second person; null: none does. */
  approvalFrom: number | null;
}

export type Refusal =
  | { code: 'refund_exceeds_paid'; refundableAmount: number }
  | { code: 'refund_not_supported'; reason: string; retryAt: Date | null };

/** The refund is not possible. The message says why and what to do. */
export class RefundRefused extends CommandError {
  override readonly name = 'RefundRefused';
  readonly refusal: Refusal;

  constructor(words: Words, refusal: Refusal) {
    super(words);
    this.refusal = refusal;
  }
}

/**
 * Opens a refund that a person or an API client asks for. A large one waits for a second person: it is stored, its money is reserved, and no
 * worker sees it. The refunds of a payment count together, so that several small ones do not avoid the second person. @throws RefundRefused when a rule of the money, of the payer's app or of the provider forbids it
 */
export async function openRefund(trx: Transaction, { accounts, approvalFrom }: RefundRules, asked: RefundToOpen): Promise<Refund> {
  const { payment, cause, reason, clientId, requestedBy, at } = asked;
  const money = chooseAttempt(await refunds.refundable(trx, payment.id), asked.amount);
  const amount = asked.amount ?? money.left;
  requireRefundable(money, accounts, amount, at);
  // The payment is locked, so no refund is asked for between this sum and ours.
  const needsApproval = approvalFrom !== null && (await refunds.askedFor(trx, payment.id)) + amount >= approvalFrom;
  const { attemptNo } = money;
  const refund = await refunds.open(trx, {
    payment,
    attemptNo,
    amount,
    cause,
    reason,
    ...(clientId === undefined ? {} : { clientId }),
    needsApproval,
    at,
  });
  if (!refund) throw exceedsPaid(money.left);
  if (!needsApproval) return refund;
  await refundApprovals.request(trx, refund.id, requestedBy, at);
  return { ...refund, approval: { requestedBy, decision: null, decidedBy: null, decidedAt: null } };
}

/** The attempt to refund from. One refund belongs to one charge, so its amount cannot be split over two. */
function chooseAttempt(all: readonly refunds.RefundableMoney[], amount: Rupiah | null): refunds.RefundableMoney {
  const chosen = all.find(({ left }) => left >= (amount ?? 1));
  if (!chosen) throw exceedsPaid(all.length === 0 ? null : rupiah(Math.max(...all.map(({ left }) => left))));
  return chosen;
}

/** @param left the largest amount that can still be refunded at once; null when nothing was paid */
function exceedsPaid(left: Rupiah | null): RefundRefused {
  const message =
    left === null
      ? { en: 'Nothing has been paid.', id: 'Belum ada yang dibayar.' }
      : left === 0
        ? {
            en: 'The whole amount is refunded, or a refund is pending.',
            id: 'Seluruhnya sudah dikembalikan, atau pengembaliannya sedang berjalan.',
          }
        : { en: `At most ${left} rupiah can still be refunded.`, id: `Paling banyak ${left} rupiah yang masih dapat dikembalikan.` };
  return new RefundRefused(message, { code: 'refund_exceeds_paid', refundableAmount: left ?? 0 });
}

/**
 * Refuses a refund that a rule of the payer's app or of the provider forbids. The caller learns the rule at once, not from a failed
 * refund. A payment is refunded only after the host has recorded it, because the host must see the payment before its refund.
 * @throws RefundRefused
 */
function requireRefundable(money: refunds.RefundableMoney, accounts: RefundRules['accounts'], amount: Rupiah, now: Date): void {
  if (money.awaitsHostWrite)
    throw new RefundRefused(
      {
        en: 'The host has not recorded the payment yet. Try again in a minute.',
        id: 'Host belum mencatat pembayaran ini. Coba lagi semenit lagi.',
      },
      {
        code: 'refund_not_supported',
        reason: 'host_not_told_yet',
        retryAt: plusMs(now, 60_000),
      },
    );
  const account = accounts.find(money.provider, money.account);
  const { issuer, paidAt, paid: paidAmount } = money;
  const facts = { issuer, acquirer: account === 'unreadable' ? '' : (account?.acquirer ?? ''), paidAt, paidAmount, amount, now };
  const obstacle = providerKind(money.provider).traits.refundObstacle(facts);
  if (!obstacle) return;
  const { code: reason, detail, retryAt } = obstacle;
  const sentence = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
  const words = { en: sentence, id: `Pengembalian tidak bisa: ${codeWords(reason).id}.` };
  throw new RefundRefused(words, { code: 'refund_not_supported', reason, retryAt: retryAt ?? null });
}
