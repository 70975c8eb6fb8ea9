import { type Host, isPostgresError } from '@gateway/shared/host';
import { type Rupiah, rupiah } from '@gateway/shared/payment';
import { accountKey, type ProviderAccount, providerKind } from '@gateway/shared/provider';
import {
  bindKey,
  type Client,
  type Database,
  findKeyedRefund,
  findPayment,
  freeKey,
  type IdempotencyKey,
  inTransaction,
  lockPayment,
  openRefund,
  type Payment,
  type Refund,
  type RefundableMoney,
  refundableMoney,
} from '@gateway/shared/store';
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
    amount: z.int().min(1).max(10_000_000).meta({ description: 'Whole rupiah: all of what was paid, or a part of it' }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .meta({ description: 'Why, for whoever reads the books. No personal data: the provider is told', example: 'the soup was cold' }),
  })
  .meta({ id: 'CreateRefund' });

type Wish = z.output<typeof refundBody>;
type Key = IdempotencyKey & { fingerprint: string };

/** POST …/refunds: money goes back to whoever paid. 202: it is under way, and its end comes as an event. */
export const refundPayment =
  ({ hosts, accounts, clock }: Pick<ApiDeps, 'hosts' | 'accounts' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const name = idempotencyKeyOf(req);
    if (name === null)
      throw new Problem(
        'idempotency_key_required',
        'Send an Idempotency-Key, a new one for each refund: then a repeat cannot give back twice.',
      );
    const wish = refundBody.parse(req.body);
    const client = clientOf(res);
    const host = hosts.of(client);
    const paymentId = String(req.params.paymentId);
    const key: Key = { clientId: client.id, operation: 'refund-payment', key: name, fingerprint: fingerprintOf({ paymentId, ...wish }) };

    const { refund, payment, isReplayed } =
      (await answeredBefore(host, client, key, clock.now())) ?? (await openOrFind(host, client, paymentId, wish, key));
    if (isReplayed) res.setHeader('Idempotent-Replayed', 'true');
    // No job: a refund is due at once, and the sweep takes it within half a second.
    res
      .location(`/transaction/refunds/${refund.id}`)
      .status(refund.status === 'pending' ? 202 : 200)
      .json(refundView(refund, payment));

    /** Twins with one key: who comes second finds the first one's. */
    async function openOrFind(...asked: [Host<Database>, Client, string, Wish, Key]): Promise<Opened> {
      try {
        return await open(...asked);
      } catch (error) {
        const isTwin = isPostgresError(error) && error.code === '23505';
        const first = isTwin ? await answeredBefore(host, client, key, clock.now()) : null;
        if (first) return first;
        throw error;
      }
    }

    async function open(at: Host<Database>, by: Client, id: string, { amount, reason }: Wish, named: Key): Promise<Opened> {
      const own = await findOwnPayment(at, by, id);
      return inTransaction(at.db, async (trx) => {
        const locked = (await lockPayment(trx, own.id)) ?? own;
        const now = clock.now();
        const twin = await findKeyedRefund(trx, named, now); // it had the lock before us
        if (twin?.fingerprint === named.fingerprint) return { refund: twin.refund, payment: locked, isReplayed: true };
        const money = enoughOf(await refundableMoney(trx, own.id), rupiah(amount));
        refuseEarly(money, accounts, rupiah(amount), now);
        const opened = await openRefund(trx, {
          payment: locked,
          attemptNo: money.attemptNo,
          amount: rupiah(amount),
          cause: 'client',
          reason,
          clientId: by.id,
          at: now,
        });
        if (!opened) throw exceeds(money.left);
        await freeKey(trx, named, null, now);
        await bindKey(trx, named, named.fingerprint, opened.id, now);
        return { refund: opened, payment: locked, isReplayed: false };
      });
    }
  };

interface Opened {
  refund: Refund;
  payment: Payment;
  isReplayed: boolean;
}

async function answeredBefore(host: Host<Database>, client: Client, key: Key, now: Date): Promise<Opened | null> {
  const before = await findKeyedRefund(host.db.pool, key, now);
  if (!before) return null;
  if (before.fingerprint !== key.fingerprint)
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new one.');
  const payment = await findPayment(host.db.pool, before.refund.paymentId);
  if (!payment || !owns(client, payment)) throw new Problem('payment_not_found', 'No payment of yours has this id.');
  return { refund: before.refund, payment, isReplayed: true };
}

/** A refund belongs to one charge: it cannot be taken from two. */
function enoughOf(all: readonly RefundableMoney[], amount: Rupiah): RefundableMoney {
  const enough = all.find(({ left }) => left >= amount);
  if (!enough) throw exceeds(all.length === 0 ? null : rupiah(Math.max(...all.map(({ left }) => left))));
  return enough;
}

function exceeds(left: Rupiah | null): Problem {
  const detail =
    left === null
      ? 'Nothing has been paid.'
      : left === 0
        ? 'All of it has gone back, or is on its way.'
        : `At most ${left} rupiah can still go back.`;
  return new Problem('refund_exceeds_paid', detail, { refundable_amount: left ?? 0 });
}

/** What a rule of the payer's app or of the provider forbids is said at once, not by a refund that fails. A host first hears of money, then of its way back. */
function refuseEarly(money: RefundableMoney, accounts: readonly ProviderAccount[], amount: Rupiah, now: Date): void {
  if (money.isOwedToHost)
    throw new Problem('refund_not_supported', 'The till has not booked the payment yet, because it is busy. Try again in a minute.', {
      reason: 'host_not_told_yet',
      retry_at: new Date(now.getTime() + 60_000).toISOString(),
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
