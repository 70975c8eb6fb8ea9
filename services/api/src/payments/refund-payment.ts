import type { Host } from '@gateway/shared/host';
import { type Payment, type Refund, type Rupiah, rupiah } from '@gateway/shared/payment';
import { hasSqlState, inTransaction, sqlState } from '@gateway/shared/postgres';
import { accountKey, type ProviderAccount, providerKind } from '@gateway/shared/provider';
import { plusMs } from '@gateway/shared/runtime';
import { type clients, idempotencyKeys, payments, refunds } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { fingerprintOf, idempotencyKeyOf } from '../http/headers.ts';
import { Problem } from '../http/problem.ts';
import { findOwnPayment, owns } from './find-own-payment.ts';
import { refundView } from './refund-view.ts';

export const refundBody = z
  .strictObject({
    amount: z.int().min(1).max(10_000_000).meta({ description: 'Whole rupiah: the amount paid, or a part of it' }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .meta({ description: 'The reason, for bookkeeping. No personal data: it is sent to the provider', example: 'the soup was cold' }),
  })
  .meta({ id: 'CreateRefund' });

type RefundBody = z.output<typeof refundBody>;
type Key = idempotencyKeys.IdempotencyKey & { fingerprint: string };

/** POST …/refunds: money goes back to whoever paid. 202: it is under way, and its end comes as an event. */
export const refundPayment =
  ({ hosts, accounts, clock }: Pick<ApiDeps, 'hosts' | 'accounts' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const idempotencyKey = idempotencyKeyOf(req);
    if (idempotencyKey === null)
      throw new Problem(
        'idempotency_key_required',
        'Send an Idempotency-Key, a new one for each refund: a repeated request then refunds only once.',
      );
    const body = refundBody.parse(req.body);
    const client = clientOf(res);
    const host = hosts.of(client);
    const paymentId = String(req.params.paymentId);
    const key: Key = {
      clientId: client.id,
      operation: 'refund-payment',
      key: idempotencyKey,
      fingerprint: fingerprintOf({ paymentId, ...body }),
    };

    const { refund, payment, isReplayed } =
      (await findReplayed(host, client, key, clock.now())) ?? (await openOrFind(host, client, paymentId, body, key));
    if (isReplayed) res.setHeader('Idempotent-Replayed', 'true');
    // No job: a refund is due at once, and the sweep takes it within half a second.
    res
      .location(`/transaction/refunds/${refund.id}`)
      .status(refund.status === 'pending' ? 202 : 200)
      .json(refundView(refund, payment));

    /** Twins with one key: who comes second finds the first one's. */
    async function openOrFind(...args: [Host, clients.Client, string, RefundBody, Key]): Promise<OpenedRefund> {
      try {
        return await openNew(...args);
      } catch (error) {
        const isTwin = hasSqlState(error, sqlState.uniqueViolation);
        const first = isTwin ? await findReplayed(host, client, key, clock.now()) : null;
        if (first) return first;
        throw error;
      }
    }

    async function openNew(
      targetHost: Host,
      caller: clients.Client,
      id: string,
      { amount, reason }: RefundBody,
      requestKey: Key,
    ): Promise<OpenedRefund> {
      const ownPayment = await findOwnPayment(targetHost, caller, id);
      return inTransaction(targetHost.db, async (trx) => {
        const locked = (await payments.lock(trx, ownPayment.id)) ?? ownPayment;
        const now = clock.now();
        const twin = await idempotencyKeys.findRefund(trx, requestKey, now); // it had the lock before us
        if (twin?.fingerprint === requestKey.fingerprint) return { refund: twin.refund, payment: locked, isReplayed: true };
        const money = chooseAttempt(await refunds.refundable(trx, ownPayment.id), rupiah(amount));
        requireRefundable(money, accounts, rupiah(amount), now);
        const opened = await refunds.open(trx, {
          payment: locked,
          attemptNo: money.attemptNo,
          amount: rupiah(amount),
          cause: 'client',
          reason,
          clientId: caller.id,
          at: now,
        });
        if (!opened) throw exceedsPaid(money.left);
        await idempotencyKeys.free(trx, requestKey, null, now);
        await idempotencyKeys.bind(trx, requestKey, requestKey.fingerprint, opened.id, now);
        return { refund: opened, payment: locked, isReplayed: false };
      });
    }
  };

interface OpenedRefund {
  refund: Refund;
  payment: Payment;
  isReplayed: boolean;
}

async function findReplayed(host: Host, client: clients.Client, key: Key, now: Date): Promise<OpenedRefund | null> {
  const previous = await idempotencyKeys.findRefund(host.db.pool, key, now);
  if (!previous) return null;
  if (previous.fingerprint !== key.fingerprint)
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new one.');
  const payment = await payments.find(host.db.pool, previous.refund.paymentId);
  if (!payment || !owns(client, payment)) throw new Problem('payment_not_found', 'No payment with this id exists for this key.');
  return { refund: previous.refund, payment, isReplayed: true };
}

/** A refund belongs to one charge: it cannot be taken from two. */
function chooseAttempt(all: readonly refunds.RefundableMoney[], amount: Rupiah): refunds.RefundableMoney {
  const chosen = all.find(({ left }) => left >= amount);
  if (!chosen) throw exceedsPaid(all.length === 0 ? null : rupiah(Math.max(...all.map(({ left }) => left))));
  return chosen;
}

function exceedsPaid(left: Rupiah | null): Problem {
  const detail =
    left === null
      ? 'Nothing has been paid.'
      : left === 0
        ? 'The whole amount is refunded, or a refund is pending.'
        : `At most ${left} rupiah can still be refunded.`;
  return new Problem('refund_exceeds_paid', detail, { refundable_amount: left ?? 0 });
}

/** What a rule of the payer's app or of the provider forbids is said at once, not by a refund that fails. A host first hears of money, then of its way back. */
function requireRefundable(money: refunds.RefundableMoney, accounts: readonly ProviderAccount[], amount: Rupiah, now: Date): void {
  if (money.awaitsHostWrite)
    throw new Problem('refund_not_supported', 'The host has not recorded the payment yet. Try again in a minute.', {
      reason: 'host_not_told_yet',
      retry_at: plusMs(now, 60_000).toISOString(),
    });
  const account = accounts.find((each) => accountKey(each) === accountKey({ provider: money.provider, id: money.account }));
  const { issuer, paidAt, paid: paidAmount } = money;
  const facts = { issuer, acquirer: account?.acquirer ?? '', paidAt, paidAmount, amount, now };
  const obstacle = providerKind(money.provider).traits.refundObstacle(facts);
  if (!obstacle) return;
  const { code: reason, detail, retryAt } = obstacle;
  const sentence = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
  throw new Problem('refund_not_supported', sentence, { reason, retry_at: retryAt?.toISOString() ?? null });
}
