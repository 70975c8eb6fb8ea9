import type { Host } from '@gateway/shared/host';
import { attemptAfter, type Charge, type ChargeStatus, chargeStatuses } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, payments, refunds, webhookInbox } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { openReviewOnce } from '../settling/open-review.ts';
import { recordContradictions } from '../settling/provider-contradictions.ts';
import { reportMissingAccount } from '../settling/report-missing-account.ts';
import { findCharge, firstReport, type NamedAttempt, slotOfQuestion, type WebhookOfAttempt } from '../settling/webhook-question.ts';

/** How long until the next try, by the number of tries so far. A status answer is late by seconds, an outage lasts for hours. Then: parked. */
const retryDelaysMs = [3_000, 10_000, 30_000, 300_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];

/**
 * How long after its webhook a report of payment may stay unconfirmed before payment.review is published: a status answer that is
 * late by seconds would be followed by `payment.paid`. The QR is hidden from the first try on.
 */
const quietForMs = 10_000;

type VerifyWebhookDeps = Pick<Deps, 'hosts' | 'accounts' | 'pollSlots' | 'writer' | 'wakeRelay' | 'metrics' | 'clock' | 'queryTimeoutMs'>;
type Verdict = webhookInbox.WebhookVerdict;
type Outcome = JobOutcome<'verify-webhook'>;

interface InboxContext {
  host: Host;
  webhook: webhookInbox.InboxRow;
}

interface WebhookContext extends InboxContext, WebhookOfAttempt {}

/**
 * Asks the provider about the charge that a webhook names, and applies the provider's answer. The webhook itself is never applied: a
 * signature proves who sent it, not that it is true. May run twice: the second run finds the inbox row concluded, or, of a first report of money
 * within the first seconds, asks the provider once more and changes nothing.
 */
export const verifyWebhook =
  (deps: VerifyWebhookDeps) =>
  async ({ host: hostId, inboxId, leaseNo, paid }: JobPayload<'verify-webhook'>): Promise<Outcome> => {
    const host = deps.hosts.byId(hostId);
    if (paid && deps.clock.now() < plusMs(paid.receivedAt, webhookInbox.verifyWithinMs))
      return askAndApply(deps, { host, ...firstReport(inboxId, leaseNo, paid), hasEffect: false });
    const found = await webhookInbox.find(host.db.pool, inboxId);
    if (!found || found.webhook.processedAt) return 'already_done'; // the queue delivers at least once
    const { webhook } = found;
    if (webhook.leaseNo !== leaseNo) return 'superseded'; // another worker holds a newer lease
    const attempt = found.attempt ?? (await findByCharge(host, webhook));
    if (!attempt) return reschedule(deps, { host, webhook }, 'unknown_charge');
    const context = { host, webhook, attempt };
    if (!isSameAccount(attempt, webhook)) return conclude(deps, context, 'not_ours');
    if (await isAlreadyKnown(context)) return conclude(deps, context, verdictIfKnown(attempt.status, webhook));
    const expedited = await expediteRefunds(deps, context);
    if (expedited === 'named') return conclude(deps, context, 'applied');

    const slot = await slotOfQuestion(deps, context);
    if (slot) {
      await webhookInbox.scheduleQuestion(host.db.pool, webhook, slot);
      return 'retry_scheduled';
    }
    return askAndApply(deps, { ...context, hasEffect: expedited === 'some' });
  };

/** Asks before the transaction opens: no row stays locked during a call to a provider. */
async function askAndApply(deps: VerifyWebhookDeps, context: WebhookContext & { hasEffect: boolean }): Promise<Outcome> {
  const { host, attempt } = context;
  const answer = await findCharge(deps, context);
  if (answer.kind === 'failed') {
    await reportMissingAccount(host, attempt, answer.reason, deps.clock.now());
    return holdForReview(deps, context, 'unreachable');
  }
  const { charge } = answer;
  if (!charge || isBehind(charge, context)) return holdForReview(deps, context, 'contradicted');
  return applyVerified(deps, context, charge);
}

/** By the provider's id of the charge, which is all that a refund of its dashboard names. */
async function findByCharge(
  { db }: Host,
  { provider, account, providerChargeId }: webhookInbox.InboxRow,
): Promise<attempts.AttemptWithOrder | null> {
  return providerChargeId === null ? null : attempts.findByCharge(db.pool, { provider, account, providerChargeId });
}

function isSameAccount(attempt: NamedAttempt, webhook: webhookInbox.InboxRow): boolean {
  return attempt.provider === webhook.provider && attempt.account === webhook.account;
}

/**
 * The attempt has the reported status already, or a later one, and the provider's answer could change nothing. Two reports need an
 * answer: that a paid charge is not paid any more, and that it was paid once more.
 */
async function isAlreadyKnown({ host, webhook, attempt }: WebhookContext): Promise<boolean> {
  const reported = chargeStatuses.find((status) => status === webhook.reportedStatus);
  if (reported === undefined || attemptAfter(attempt.status, reported) !== null) return false;
  if (attempt.status !== 'paid' || reported === 'open') return true;
  return reported === 'paid' && !(await webhookInbox.isPaidTwice(host.db.pool, webhook));
}

function verdictIfKnown(knownStatus: string, { reportedStatus }: webhookInbox.InboxRow): 'duplicate' | 'stale' {
  return knownStatus === reportedStatus ? 'duplicate' : 'stale';
}

/** How often an answer is asked for again that says less than what is recorded. A status answer may be seconds late. */
const triesUntilContradicted = 2;

/** The answer says less than the webhook, or less than an earlier answer. After some tries the latter is a contradiction to record. */
function isBehind(charge: Charge, { webhook, attempt }: WebhookContext): boolean {
  const { reportedStatus, providerRefundId, tries } = webhook;
  if (attempt.status === 'paid' && charge.status !== 'paid') return tries < triesUntilContradicted;
  const isRefundMissing = providerRefundId !== null && !charge.refunds.some((refund) => refund.providerRefundId === providerRefundId);
  return isRefundMissing || providerLagsBehind(charge.status, reportedStatus);
}

/** The provider's answer says less than the webhook: it is late, or it contradicts the webhook. */
function providerLagsBehind(status: ChargeStatus, reportedStatus: string | null): boolean {
  if (reportedStatus === 'paid' || reportedStatus === 'refunded') return status !== 'paid';
  return status === 'open' && reportedStatus !== null && reportedStatus !== 'open';
}

/**
 * A webhook about a refund makes the pending refunds of its payment due now.
 * @returns `named`: it names one of them, and the job of that refund asks the provider. `some`: it may be about one of them, or about a
 *   refund that was made at the provider's dashboard
 */
async function expediteRefunds(
  { clock }: VerifyWebhookDeps,
  { host, webhook, attempt }: WebhookContext,
): Promise<'named' | 'some' | 'none'> {
  const { reportedStatus, refundReference, providerRefundId } = webhook;
  if (reportedStatus !== 'refunded' && !providerRefundId) return 'none';
  if (refundReference && providerRefundId)
    await refunds.setProviderRefundId(host.db.pool, { reference: refundReference, providerRefundId }, clock.now());
  await refunds.expedite(host.db.pool, attempt.paymentId, clock.now());
  const pending = (await refunds.ofPayment(host.db.pool, attempt.paymentId)).filter(({ status }) => status === 'pending');
  if (pending.length === 0) return 'none';
  return providerRefundId && pending.some((refund) => refund.providerRefundId === providerRefundId) ? 'named' : 'some';
}

/** The writer concludes the inbox row in the transaction that applies the charge. */
async function applyVerified(
  deps: VerifyWebhookDeps,
  { host, webhook, attempt, hasEffect }: WebhookContext & { hasEffect: boolean },
  charge: Charge,
): Promise<Outcome> {
  const { writer, wakeRelay, clock } = deps;
  const { unknownEvent } = webhook;
  const isContradicted = await recordContradictions(host, attempt, { charge, unknownEvent, now: clock.now() });
  if (isContradicted) wakeRelay(host);
  // A poll or another webhook was faster, unless this one has shown a contradiction or made a refund due.
  const verdictIfStale = isContradicted || hasEffect ? 'applied' : verdictIfKnown(charge.status, webhook);
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

/**
 * Retries later. A report of payment that is not confirmed yet also hides the QR, so that no guest pays twice. From the second try on, and
 * after `quietForMs`, it opens a discrepancy and is announced.
 */
async function holdForReview(
  deps: VerifyWebhookDeps,
  { host, webhook, attempt }: WebhookContext,
  verdict: 'contradicted' | 'unreachable',
): Promise<Outcome> {
  if (webhook.reportedStatus === 'paid') {
    const now = deps.clock.now();
    const isQuiet = webhook.tries === 0 || now < plusMs(webhook.receivedAt, quietForMs);
    const isAnnounced = await markUnconfirmed(host, attempt, { isQuiet, now });
    if (isAnnounced) deps.wakeRelay(host);
  }
  return reschedule(deps, { host, webhook }, verdict);
}

/** @returns whether the report is announced now, for the first time */
function markUnconfirmed(host: Host, { paymentId, no }: NamedAttempt, { isQuiet, now }: { isQuiet: boolean; now: Date }): Promise<boolean> {
  return inTransaction(host.db, async (trx) => {
    const payment = await payments.lock(trx, paymentId);
    const attempt = await attempts.find(trx, paymentId, no);
    if (!payment || attempt?.status === 'paid') return false; // another worker has confirmed it meanwhile
    await payments.markUnconfirmed(trx, paymentId, now);
    if (isQuiet) return false;
    return openReviewOnce(trx, payment, { reason: 'paid_unconfirmed', attemptNo: no, ours: payment.status, theirs: 'paid' }, now);
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
