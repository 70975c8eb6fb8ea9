import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoKeys } from '@gateway/shared/runtime';
import { addToOrder, anOrder, payInCash } from '@gateway/testing/pos/pos-orders';
import type { HttpResult, PaymentBody, Till } from '@gateway/testing/stack/till';
import { choicesOf } from '../hostile/seeded.ts';
import type { Availability } from './availability.ts';
import type { Installation } from './installation.ts';

/** How long a till repeats a request with its key before it counts as failed. Time in which no installation could have served does not count. */
const patienceMs = 120_000;
const repeatAfterMs = 200;
const minutesOfRefund = 10;

/** What the guest of a sale did. `paid twice`: the guest paid in cash while the QR was on display, and then the QR, too. */
const endings = ['paid', 'cancelled', 'ordered more', 'paid late', 'refunded', 'paid twice'] as const;
export type Ending = (typeof endings)[number];
/** Of 20 sales. */
const shares: Readonly<Record<Ending, number>> = {
  paid: 14,
  cancelled: 1,
  'ordered more': 1,
  'paid late': 1,
  refunded: 2,
  'paid twice': 1,
};
const drum = endings.flatMap((ending) => Array.from({ length: shares[ending] }, () => ending));

export interface Sale {
  ending: Ending;
  storeId: string;
  key: string;
  /** The payment whose QR the guest saw last. */
  payment: PaymentBody;
}

/** What tills saw during the faults. */
export interface Shop {
  readonly sales: readonly Sale[];
  /** Why a till gave a sale up. Empty: each request had its answer, when it was repeated with its key. */
  readonly failed: readonly string[];
  /** The longest time without a QR at any till, milliseconds. */
  readonly longestGapMs: number;
  /** The longest time that one till waited for its QR, milliseconds. */
  readonly longestWaitMs: number;
  /** The same, and only the time in which an installation could have served. */
  readonly longestServableWaitMs: number;
  /** Ends the trade after the sales that are in progress, and waits for the refunds. */
  close(): Promise<void>;
}

interface Counter {
  installation: Installation;
  repeated: Repeated;
  till: Till;
  key: string;
  storeId: string;
}

/** Tills that sell one order after the other. The last stores are those of the host `till`, whose orders come by HTTP. */
export function openShop(
  installation: Installation,
  { availability, tills, storeIds, seed }: { availability: ServableTime; tills: number; storeIds: readonly string[]; seed: number },
): Shop {
  const sales: Sale[] = [];
  const failed: string[] = [];
  const refunds: Promise<unknown>[] = [];
  const startedAt = performance.now();
  let isClosing = false;
  let lastQrAt = startedAt;
  let longestGapMs = 0;
  let longestWaitMs = 0;
  let longestServableWaitMs = 0;
  let count = 0;
  const repeated = withPatience(availability);

  const onQr = (askedAt: number, servableMs: number) => {
    longestGapMs = Math.max(longestGapMs, performance.now() - lastQrAt);
    longestWaitMs = Math.max(longestWaitMs, performance.now() - askedAt);
    longestServableWaitMs = Math.max(longestServableWaitMs, availability.servableMs - servableMs);
    lastQrAt = performance.now();
  };

  async function sell(counter: Counter): Promise<void> {
    const ending = counter.key === demoKeys.pos ? choicesOf(seed, count++).pick(drum) : 'paid';
    const shown = async (orderId: string) => {
      const askedAt = performance.now();
      const { servableMs } = availability;
      const payment = await createdPayment(counter, orderId);
      onQr(askedAt, servableMs);
      return payment;
    };
    const orderId = await repeated('order', () => placeOrder(counter));
    let payment = await shown(orderId);
    if (ending === 'ordered more') {
      await repeated('dish', () => addToOrder(installation.pos.pool, orderId, 10_000).then(() => true));
      payment = await shown(orderId);
    }
    await actAsGuest(counter, ending, payment);
    sales.push({ ending, storeId: counter.storeId, key: counter.key, payment });
    if (ending === 'refunded') refunds.push(refund(counter, payment).catch(giveUp));
  }

  const giveUp = (error: Error) => failed.push(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s: ${error.message}`);
  const work = async (n: number) => {
    const storeId = storeIds[n % storeIds.length] as string;
    const key = storeId.startsWith('DPS') ? demoKeys.till : demoKeys.pos;
    const pause = choicesOf(seed, -n);
    while (!isClosing && !availability.isClosed) {
      await sell({ installation, repeated, till: installation.stack.till(key), key, storeId }).catch(giveUp);
      await sleep(1_000 + pause.below(2_000)); // a guest orders
    }
  };
  const finished = Promise.all(Array.from({ length: tills }, (_, n) => work(n)));
  return {
    sales,
    failed,
    get longestGapMs() {
      return Math.max(longestGapMs, isClosing ? 0 : performance.now() - lastQrAt);
    },
    get longestWaitMs() {
      return longestWaitMs;
    },
    get longestServableWaitMs() {
      return longestServableWaitMs;
    },
    close: async () => {
      isClosing = true;
      await finished;
      await Promise.all(refunds);
    },
  };
}

type ServableTime = Pick<Availability, 'servableMs' | 'isClosed'>;

/** Repeats a request until it gives something. @throws with all reasons when the patience is over */
type Repeated = <T>(what: string, request: () => Promise<T | null | false>, withinMs?: number) => Promise<T>;

const withPatience =
  (availability: ServableTime): Repeated =>
  async (what, request, withinMs = patienceMs) => {
    const since = availability.servableMs;
    const reasons = new Map<string, number>();
    for (; ; await sleep(repeatAfterMs)) {
      let reason = 'no answer';
      try {
        const answer = await request();
        if (answer) return answer;
      } catch (error) {
        reason = (error as Error).message;
      }
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      if (availability.isClosed || availability.servableMs - since > withinMs)
        throw new Error(`${what}: ${[...reasons].map(([why, times]) => `${times} × ${why}`).join(', ')}`);
    }
  };

const refusal = ({ status, body }: HttpResult<PaymentBody>): Error => new Error(`${status} ${body.code ?? body.status}`);

async function placeOrder({ installation, till, key, storeId }: Counter): Promise<string> {
  if (key === demoKeys.pos) return anOrder(installation.pos.pool, { outlet: storeId });
  const orderId = `N-${randomUUID().slice(0, 18)}`;
  const order = { number: 'N', lines: [{ name: 'Soto', quantity: 1, unit_price: 50_000, total: 50_000 }], total: 50_000 };
  const answer = await till.request('PUT', `/stores/${storeId}/orders/${orderId}`, { body: order });
  if (![200, 201].includes(answer.status)) throw refusal(answer);
  return orderId;
}

function createdPayment({ till, repeated }: Counter, orderId: string): Promise<PaymentBody> {
  const headers = { 'idempotency-key': randomUUID(), prefer: 'wait=10' };
  return repeated('create', async () => {
    const answer = await till.create(orderId, headers);
    if (![200, 201].includes(answer.status) || !answer.body.qr_string) throw refusal(answer);
    return answer.body;
  });
}

async function actAsGuest({ installation, till, repeated }: Counter, ending: Ending, payment: PaymentBody): Promise<void> {
  const { simulator } = installation.stack;
  if (ending === 'cancelled') {
    await repeated('cancel', async () => {
      const answer = await till.cancel(payment.payment_id);
      if (![200, 202, 409].includes(answer.status)) throw refusal(answer);
      return true;
    });
    return;
  }
  if (ending === 'paid late') await simulator.expire(payment.transaction_id);
  if (ending === 'paid twice') await repeated('cash', () => takeCash(installation, payment.order_id));
  await simulator.pay(payment.transaction_id);
}

/** The connection may break after the commit, so the POS looks first. */
async function takeCash({ pos: { pool } }: Installation, orderId: string): Promise<boolean> {
  const { rows } = await pool.query<{ status: string }>('select status from pos.orders where id = $1', [orderId]);
  if (rows[0]?.status === 'open') await payInCash(pool, orderId);
  return rows[0]?.status === 'paid';
}

async function refund({ till, repeated }: Counter, { payment_id: id }: PaymentBody): Promise<void> {
  const withinMs = minutesOfRefund * 60_000;
  await repeated('paid before the refund', async () => (await till.get(id)).body.status === 'paid', withinMs);
  const request = { body: { amount: 20_000, reason: 'the soup was cold' }, headers: { 'idempotency-key': randomUUID() } };
  await repeated('refund', async () => {
    const answer = await till.request('POST', `/transaction/payments/${id}/refunds`, request);
    if (![200, 202].includes(answer.status)) throw refusal(answer);
    return true;
  });
}
