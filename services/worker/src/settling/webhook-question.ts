import type { AttemptStatus, Charge, InboxId } from '@gateway/shared/payment';
import { budgetOf, type ChargeKey, type QrisProvider } from '@gateway/shared/provider';
import { withTimeLimit } from '@gateway/shared/runtime';
import type { attempts, webhookInbox } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { answerOf, type ProviderAnswer } from '../providers/provider-answer.ts';

/** The attempt that a webhook names, with its order. */
export type NamedAttempt = Pick<
  attempts.AttemptWithOrder,
  | 'paymentId'
  | 'no'
  | 'provider'
  | 'account'
  | 'reference'
  | 'providerChargeId'
  | 'status'
  | 'paid'
  | 'receipt'
  | 'orderKey'
  | 'tenant'
  | 'storeId'
>;

export interface WebhookOfAttempt {
  webhook: webhookInbox.InboxRow;
  attempt: NamedAttempt;
}

/**
 * The webhook and its attempt as they were when the webhook was stored. Until the sweep may have claimed the row, nothing is read before
 * the provider is asked: whatever has happened to the payment meanwhile is read under its lock when the answer is applied.
 */
export function firstReport(
  id: InboxId,
  leaseNo: number,
  { receivedAt, reference, providerChargeId, provider, account, ...payment }: webhookInbox.PaidReport,
): WebhookOfAttempt {
  const charge = { provider, account, reference, providerChargeId };
  const unread = { refundReference: null, providerRefundId: null, unknownEvent: null, verdict: null, processedAt: null, questionAt: null };
  return {
    webhook: { id, leaseNo, receivedAt, ...charge, ...unread, reportedStatus: 'paid', isFirstReport: true, tries: 0 },
    attempt: { ...payment, ...charge, status: 'open', paid: null, receipt: null },
  };
}

/**
 * The first report of a new status of an open charge is asked about at once: it costs the poll that the payment would have had. Every
 * other question takes a poll slot, so that webhooks never make more calls than the account's budget allows. The first report of money
 * does not wait behind polls: a guest may have paid a QR that was hidden meanwhile.
 * @returns when to ask; null: now
 */
export async function slotOfQuestion(
  { accounts, pollSlots, clock }: Pick<Deps, 'accounts' | 'pollSlots' | 'clock'>,
  { webhook, attempt }: WebhookOfAttempt,
): Promise<Date | null> {
  const isFirst = webhook.isFirstReport && webhook.tries === 0 && mayBeOpen.has(attempt.status);
  const now = clock.now();
  if (isFirst || (webhook.questionAt && webhook.questionAt <= now)) return null;
  const slot = await pollSlots[reservationFor(webhook, attempt)](budgetOf(accounts.of(attempt).provider.account), attempt, now);
  return slot > now ? slot : null;
}

function reservationFor(webhook: webhookInbox.InboxRow, attempt: NamedAttempt): 'reserve' | 'reserveAfterCall' | 'reserveForMoney' {
  if (webhook.providerRefundId !== null) return 'reserveAfterCall'; // two calls: the charge and its refund
  const isFirstOfMoney = webhook.isFirstReport && webhook.reportedStatus === 'paid' && attempt.status !== 'paid';
  return isFirstOfMoney ? 'reserveForMoney' : 'reserve';
}

const mayBeOpen: ReadonlySet<AttemptStatus> = new Set(['sending', 'open', 'unknown']);

/** Asks the provider about the charge that a webhook names. */
export function findCharge(
  { accounts, queryTimeoutMs }: Pick<Deps, 'accounts' | 'queryTimeoutMs'>,
  { webhook, attempt }: WebhookOfAttempt,
): Promise<ProviderAnswer<Charge | null>> {
  const { reference, providerChargeId } = attempt;
  const key = { reference, providerChargeId: providerChargeId ?? webhook.providerChargeId };
  const { provider } = accounts.of(attempt);
  return answerOf(chargeWithRefund(provider, key, { providerRefundId: webhook.providerRefundId, queryTimeoutMs }));
}

/** The charge, with the refund that the webhook names: not every provider lists the refunds of a charge. */
async function chargeWithRefund(
  provider: QrisProvider,
  key: ChargeKey,
  { providerRefundId, queryTimeoutMs }: { providerRefundId: string | null; queryTimeoutMs: number },
): Promise<Charge | null> {
  const charge = await withTimeLimit(queryTimeoutMs, (signal) => provider.findCharge(key, signal));
  if (!charge || providerRefundId === null || charge.refunds.some((refund) => refund.providerRefundId === providerRefundId)) return charge;
  const refundKey = { charge: { ...key, providerChargeId: charge.providerChargeId }, reference: null, providerRefundId };
  const refund = await withTimeLimit(queryTimeoutMs, (signal) => provider.findRefund(refundKey, signal));
  return refund ? { ...charge, refunds: [...charge.refunds, refund] } : charge;
}
