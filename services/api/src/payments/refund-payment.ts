import { openRefund, RefundRefused } from '@gateway/operations';
import type { Host, Hosts } from '@gateway/shared/host';
import { type Payment, type Refund, type Rupiah, rupiah } from '@gateway/shared/payment';
import { hasSqlState, inTransaction, sqlState, type Transaction } from '@gateway/shared/postgres';
import type { AccountDirectory } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import { type clients, idempotencyKeys, payments } from '@gateway/shared/store';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { clientOf } from '../http/authenticate-client.ts';
import { fingerprintOf, idempotencyKeyOf, linkPath } from '../http/headers.ts';
import { Problem } from '../http/problem.ts';
import { findOwnPayment } from './find-own-payment.ts';
import { refundView } from './refund-view.ts';

export interface RefundPaymentDeps {
  publicUrl: string;
  hosts: Hosts;
  accounts: AccountDirectory;
  /** When the refunds of a payment reach that many rupiah together, a refund waits for a second person; null: none does. */
  refundApprovalFrom: number | null;
  clock: Clock;
}

export const refundBody = z
  .strictObject({
    amount: z.int().min(1).max(10_000_000).meta({ description: 'Whole rupiah: the amount paid, or a part of it', example: 5_000 }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .meta({ description: 'The reason, for bookkeeping. No personal data: it is sent to the provider', example: 'the soup was cold' }),
  })
  .meta({ id: 'CreateRefund' });

interface RefundRequest {
  host: Host;
  client: clients.Client;
  paymentId: string;
  amount: Rupiah;
  reason: string;
  key: idempotencyKeys.IdempotencyKey & { fingerprint: string };
}

interface OpenedRefund {
  refund: Refund;
  payment: Payment;
  isReplayed: boolean;
}

/**
 * POST /transaction/payments/{payment_id}/refunds: refunds the payer, in full or in part. 202 while the refund is pending: its result is
 * published as an event. No job is added: the refund is due at once, and the sweep finds it within half a second. A large one waits for a
 * second person first: the key that asks is the first one.
 */
export const refundPayment =
  (deps: RefundPaymentDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const request = refundRequest(req, client, deps.hosts.of(client));
    const { refund, payment, isReplayed } = (await findReplayed(request, deps.clock.now())) ?? (await openOnce(deps, request));
    if (isReplayed) res.setHeader('Idempotent-Replayed', 'true');
    res
      .location(linkPath(deps.publicUrl, `/transaction/refunds/${refund.id}`))
      .status(refund.status === 'pending' ? 202 : 200)
      .json(refundView(refund, payment));
  };

function refundRequest(req: Request, client: clients.Client, host: Host): RefundRequest {
  const key = idempotencyKeyOf(req);
  if (key === null)
    throw new Problem(
      'idempotency_key_required',
      'Send an Idempotency-Key, a new one for each refund: a repeated request then refunds only once.',
    );
  const { amount, reason } = refundBody.parse(req.body);
  const paymentId = String(req.params.paymentId);
  const fingerprint = fingerprintOf({ paymentId, amount, reason });
  return {
    host,
    client,
    paymentId,
    amount: rupiah(amount),
    reason,
    key: { clientId: client.id, operation: 'refund-payment', key, fingerprint },
  };
}

/** The refund that this key was used for already. @throws Problem when the key was used for another request */
async function findReplayed({ host, client, key }: RefundRequest, now: Date): Promise<OpenedRefund | null> {
  const previous = await idempotencyKeys.findRefund(host.db.pool, key, now);
  if (!previous) return null;
  if (previous.fingerprint !== key.fingerprint)
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new one.');
  const payment = await findOwnPayment(host, client, previous.refund.paymentId);
  return { refund: previous.refund, payment, isReplayed: true };
}

/** Opens the refund. When a concurrent request with the same key was faster, returns the refund of that request. */
async function openOnce(deps: RefundPaymentDeps, request: RefundRequest): Promise<OpenedRefund> {
  const { db } = request.host;
  const payment = await findOwnPayment(request.host, request.client, request.paymentId);
  try {
    return await inTransaction(db, (trx) => open(trx, deps, { ...request, payment }));
  } catch (error) {
    const isKeyTaken = hasSqlState(error, sqlState.uniqueViolation);
    const first = isKeyTaken ? await findReplayed(request, deps.clock.now()) : null;
    if (first) return first;
    throw error instanceof RefundRefused ? problemOf(error) : error;
  }
}

async function open(
  trx: Transaction,
  { accounts, refundApprovalFrom: approvalFrom, clock }: RefundPaymentDeps,
  { client, payment, amount, reason, key }: RefundRequest & { payment: Payment },
): Promise<OpenedRefund> {
  const locked = (await payments.lock(trx, payment.id)) ?? payment;
  const now = clock.now();
  const previous = await idempotencyKeys.findRefund(trx, key, now); // of a request that held the lock before this one
  if (previous?.fingerprint === key.fingerprint) return { refund: previous.refund, payment: locked, isReplayed: true };
  const asked = {
    payment: locked,
    amount,
    cause: 'client',
    reason,
    clientId: client.id,
    requestedBy: `key ${client.id}`,
    at: now,
  } as const;
  const refund = await openRefund(trx, { accounts, approvalFrom }, asked);
  await idempotencyKeys.free(trx, key, null, now);
  await idempotencyKeys.bind(trx, key, key.fingerprint, refund.id, now);
  return { refund, payment: locked, isReplayed: false };
}

function problemOf({ message, refusal }: RefundRefused): Problem {
  if (refusal.code === 'refund_exceeds_paid')
    return new Problem('refund_exceeds_paid', message, { refundable_amount: refusal.refundableAmount });
  const { reason, retryAt } = refusal;
  return new Problem('refund_not_supported', message, { reason, retry_at: retryAt?.toISOString() ?? null });
}
