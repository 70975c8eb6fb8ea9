import type { Host } from '@gateway/shared/host';
import { type Attempt, attemptAfter, type Charge, type ChargeStatus, chargeStatuses } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, payments, refunds, webhookInbox } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { answerOf, type ProviderAnswer } from '../providers/provider-answer.ts';
import { recordExternalRefunds } from '../settling/external-refunds.ts';
import { openReviewOnce } from '../settling/open-review.ts';

/** How long until the next try, by the number of tries so far. A status answer is late by seconds, an outage lasts for hours. Then: parked. */
const retryDelaysMs = [3_000, 10_000, 30_000, 300_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];

type VerifyWebhookDeps = Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'wakeRelay' | 'metrics' | 'clock' | 'queryTimeoutMs'>;
type Verdict = webhookInbox.WebhookVerdict;
type Outcome = JobOutcome<'verify-webhook'>;

interface InboxContext {
  host: Host;
  webhook: webhookInbox.InboxRow;
}

interface WebhookContext extends InboxContext {
  /** The attempt that the webhook names, with its order. */
  attempt: attempts.AttemptWithOrder;
}

/**
 * Asks the provider about the charge that a webhook names, and applies the provider's answer. The webhook itself is never applied: a
 * signature proves who sent it, not that it is true. May run twice: the second run finds the inbox row concluded.
 */
export const verifyWebhook =
  (deps: VerifyWebhookDeps) =>
  async ({ host: hostId, inboxId, leaseNo }: JobPayload<'verify-webhook'>): Promise<Outcome> => {
    const host = deps.hosts.byId(hostId);
    const webhook = await webhookInbox.find(host.db.pool, inboxId);
    if (!webhook || webhook.processedAt) return 'already_done'; // the queue delivers at least once
    if (webhook.leaseNo !== leaseNo) return 'superseded'; // another worker holds a newer lease
    const attempt = webhook.reference ? await attempts.findByReference(host.db.pool, webhook.reference) : null;
    if (!attempt) return reschedule(deps, { host, webhook }, 'unknown_charge');
    const context = { host, webhook, attempt };
    if (!isSameAccount(attempt, webhook)) return conclude(deps, context, 'not_ours');
    if (isAlreadyKnown(webhook.reportedStatus, attempt)) return conclude(deps, context, verdictIfKnown(attempt.status, webhook));
    if (await expediteRefunds(deps, context)) return conclude(deps, context, 'applied');

    // Before the transaction opens: no row stays locked during a call to a provider.
    const answer = await findCharge(deps, context);
    if (answer.kind === 'failed') return holdForReview(deps, context, 'unreachable');
    const { charge } = answer;
    if (!charge || providerLagsBehind(charge.status, webhook.reportedStatus)) return holdForReview(deps, context, 'contradicted');
    return applyVerified(deps, context, charge);
  };

function isSameAccount(attempt: Attempt, webhook: webhookInbox.InboxRow): boolean {
  return attempt.provider === webhook.provider && attempt.account === webhook.account;
}

/** The attempt has the reported status already, or a later one. The provider's answer could change nothing. */
function isAlreadyKnown(reportedStatus: string | null, attempt: Attempt): boolean {
  const reported = chargeStatuses.find((status) => status === reportedStatus);
  return reported !== undefined && attemptAfter(attempt.status, reported) === null;
}

function verdictIfKnown(knownStatus: string, { reportedStatus }: webhookInbox.InboxRow): 'duplicate' | 'stale' {
  return knownStatus === reportedStatus ? 'duplicate' : 'stale';
}

/** The provider's answer says less than the webhook: it is late, or it contradicts the webhook. */
function providerLagsBehind(status: ChargeStatus, reportedStatus: string | null): boolean {
  if (reportedStatus === 'paid' || reportedStatus === 'refunded') return status !== 'paid';
  return status === 'open' && reportedStatus !== null && reportedStatus !== 'open';
}

/** A webhook about a refund makes the pending refunds of its payment due now. @returns whether there are any */
async function expediteRefunds({ clock }: VerifyWebhookDeps, { host, webhook, attempt }: WebhookContext): Promise<boolean> {
  const { reportedStatus, refundReference, providerRefundId } = webhook;
  if (reportedStatus !== 'refunded' && !providerRefundId) return false;
  if (refundReference && providerRefundId)
    await refunds.setProviderRefundId(host.db.pool, { reference: refundReference, providerRefundId }, clock.now());
  return refunds.expedite(host.db.pool, attempt.paymentId, clock.now());
}

function findCharge(
  { accounts, queryTimeoutMs }: VerifyWebhookDeps,
  { webhook, attempt }: WebhookContext,
): Promise<ProviderAnswer<Charge | null>> {
  const { reference, providerChargeId } = attempt;
  const key = { reference, providerChargeId: providerChargeId ?? webhook.providerChargeId };
  return answerOf(accounts.of(attempt).provider.findCharge(key, AbortSignal.timeout(queryTimeoutMs)));
}

/** The writer concludes the inbox row in the transaction that applies the charge. */
async function applyVerified(deps: VerifyWebhookDeps, { host, webhook, attempt }: WebhookContext, charge: Charge): Promise<Outcome> {
  const { writer, wakeRelay, clock } = deps;
  if (await recordExternalRefunds(host, attempt, charge, clock.now())) wakeRelay(host);
  const verdictIfStale = verdictIfKnown(charge.status, webhook); // a poll or another webhook was faster
  const verdictOf = (result: 'applied' | 'stale') => (result === 'stale' ? verdictIfStale : result);
  const applied = await writer.apply(
    host,
    { ...attempt, id: attempt.paymentId },
    { kind: 'charge', attemptNo: attempt.no, charge },
    (trx, result) => webhookInbox.conclude(trx, webhook, verdictOf(result), clock.now()),
  );
  if (applied.verdict === 'busy') {
    await webhookInbox.postpone(host.db.pool, webhook, applied.retryAt);
    return 'retry_scheduled';
  }
  return counted(deps, webhook, verdictOf(applied.verdict));
}

/** Retries later. A report of payment that is not confirmed yet also hides the QR, so that no guest pays twice, and opens a discrepancy. */
async function holdForReview(
  deps: VerifyWebhookDeps,
  { host, webhook, attempt }: WebhookContext,
  verdict: 'contradicted' | 'unreachable',
): Promise<Outcome> {
  if (webhook.reportedStatus === 'paid') {
    await markUnconfirmed(host, attempt, deps.clock.now());
    deps.wakeRelay(host);
  }
  return reschedule(deps, { host, webhook }, verdict);
}

function markUnconfirmed(host: Host, { paymentId, no }: Attempt, now: Date): Promise<void> {
  return inTransaction(host.db, async (trx) => {
    const payment = await payments.lock(trx, paymentId);
    const attempt = await attempts.find(trx, paymentId, no);
    if (!payment || attempt?.status === 'paid') return; // another worker has confirmed it meanwhile
    await payments.markUnconfirmed(trx, paymentId, now);
    await openReviewOnce(trx, payment, { reason: 'paid_unconfirmed', attemptNo: no, ours: payment.status, theirs: 'paid' }, now);
  });
}

async function reschedule(
  deps: VerifyWebhookDeps,
  { host, webhook }: InboxContext,
  verdict: 'contradicted' | 'unreachable' | 'unknown_charge',
): Promise<Outcome> {
  const delayMs = retryDelaysMs[webhook.tries];
  if (delayMs === undefined) return conclude(deps, { host, webhook }, 'parked');
  const isScheduled = await webhookInbox.reschedule(host.db.pool, webhook, verdict, plusMs(deps.clock.now(), delayMs));
  return isScheduled ? counted(deps, webhook, verdict) : 'superseded';
}

async function conclude(deps: VerifyWebhookDeps, { host, webhook }: InboxContext, verdict: Verdict): Promise<Verdict> {
  await webhookInbox.conclude(host.db.pool, webhook, verdict, deps.clock.now());
  return counted(deps, webhook, verdict);
}

function counted({ metrics }: VerifyWebhookDeps, { provider }: webhookInbox.InboxRow, verdict: Verdict): Verdict {
  metrics.webhookVerdicts.inc({ provider, verdict });
  return verdict;
}
