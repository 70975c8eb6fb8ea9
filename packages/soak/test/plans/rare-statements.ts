import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Attempt, asHostWriteId, asInboxId, asOrderKey, asPaymentId, asRefundId } from '@gateway/shared/payment';
import type { Database } from '@gateway/shared/postgres';
import { systemClock } from '@gateway/shared/runtime';
import {
  attempts,
  discrepancies,
  hostWrites,
  idempotencyKeys,
  lateApprovals,
  payments,
  refunds,
  waitingMoney,
  webhookInbox,
} from '@gateway/shared/store';
import { checkoutDir } from '@gateway/testing/checkout';

/** Sends the statements that a dozen scenarios may not reach, for rows that do not exist. @param paymentId one that exists */
export async function sendRareStatements(db: Database, paymentId: string, at: Date): Promise<void> {
  const { pool } = db;
  const none = { paymentId: asPaymentId('none'), no: 1, leaseNo: 0 };
  await attempts.findByCharge(pool, { provider: 'midtrans', account: 'default', providerChargeId: 'none' });
  await attempts.conclude(pool, { ...none, status: 'absent', reason: null, at, resolveAt: null });
  await attempts.reschedule(pool, none, at);
  await attempts.abandonSending(pool, none.paymentId, 1, at);
  await attempts.cancelOthers(pool, none, at);
  await attempts.markBooked(pool, none);
  const start = { provider: 'midtrans', account: 'default', leaseNo: 0, at, resolveAt: at, leaseUntil: at };
  await Promise.all(['none', 'none either'].map((id) => attempts.beginFirst(pool, { ...start, paymentId: id }))); // one statement for both
  const part = attempts.saveUnlessBookedQuery(none as Attempt, '0'); // of a larger statement, which has the order as `host_order`
  await pool.query({ ...part, text: `with host_order as (select 0::numeric as paid, 0::numeric as total) ${part.text}` });
  await attempts.unbookedAndWrittenOf(pool, 'pos', asOrderKey('none'));
  const discrepancy = { paymentId, attemptNo: null, reason: 'host_not_told', ours: 'paid', theirs: null, at } as const;
  await discrepancies.open(pool, discrepancy);
  await discrepancies.openOnceEver(pool, discrepancy);
  await discrepancies.resolve(pool, { paymentId, no: null }, 'host_not_told', at, 'the host has answered');
  await hostWrites.reschedule(pool, { id: asHostWriteId(0), leaseNo: 0 }, at, 'locked');
  await hostWrites.nextRetryAt(pool, none.paymentId);
  await waitingMoney([{ db }]);
  await lateApprovals([{ db }], systemClock);
  const key = { clientId: 'none', operation: 'create-payment', key: 'none' } as const;
  await idempotencyKeys.findPayment(pool, key, at);
  await pool.query(idempotencyKeys.usedQuery(key));
  await idempotencyKeys.bind(pool, key, 'f', none.paymentId, at);
  await idempotencyKeys.free(pool, key, null, at);
  const payment = await payments.find(pool, paymentId);
  if (payment) await payments.hideSiblings(pool, { ...payment, host: 'none' }, at);
  await pool.query(payments.openSiblingQuery('pos', { orderKey: asOrderKey('none'), id: none.paymentId }));
  await payments.findCurrentOf(pool, 'pos', [asOrderKey('none')]);
  await payments.markHostBusy(pool, none.paymentId, at);
  await payments.clearHostBusy(pool, none.paymentId);
  await payments.markUnconfirmed(pool, none.paymentId, at);
  await payments.endReview(pool, none.paymentId, { unlessOpen: [], at });
  await refunds.setProviderRefundId(pool, { reference: 'none', providerRefundId: 'none' }, at);
  await refunds.clearProviderRefundId(pool, { id: asRefundId('none'), providerRefundId: 'none' });
  await refunds.askedFor(pool, none.paymentId);
  const webhook = { id: asInboxId(0), receivedAt: at, leaseNo: 0, reference: 'none' };
  await webhookInbox.isPaidTwice(pool, webhook);
  await webhookInbox.reschedule(pool, webhook, 'unreachable', at);
  await webhookInbox.postpone(pool, webhook, at);
  const ofNothing = {
    provider: 'midtrans',
    account: 'default',
    deliveryKey: 'none',
    raw: Buffer.from('{}'),
    headers: {},
    reference: 'none',
  };
  const report = { providerChargeId: null, reportedStatus: 'paid', receivedAt: at, nextTryAt: at };
  await webhookInbox.store(pool, { ...ofNothing, ...report }, { mayBeUnknown: false });
}

/** The names of all statements on payments, and on due rows of any kind, as they stand in the source. */
export function namesInSource(): string[] {
  const files = globSync('packages/shared/src/store/{payments,work}/*.ts', { cwd: checkoutDir, exclude: ['**/*.test.ts'] });
  return files.flatMap((file) => {
    const source = readFileSync(path.join(checkoutDir, file), 'utf8');
    return [...source.matchAll(/: Statement = \{\s*name: '([^']+)'/g)].flatMap(([, name]) => name ?? []);
  });
}
