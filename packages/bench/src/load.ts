import { createHash } from 'node:crypto';
import { Pool } from 'undici';
import { type Times, timesOf } from './percentiles.ts';
import type { Screens } from './screens.ts';

/** How tills and the provider reach a system. */
export interface Target {
  url: string;
  apiKey: string;
  serverKey: string;
}

export interface Figures {
  create: Times;
  webhook: Times;
  published: Times;
}

export interface MadePayment {
  paymentId: string;
  reference: string;
  amount: number;
}

const timeoutMs = 10_000;

/** The connections of the tills, and of the provider, which sends as many webhooks at a time. */
export interface Load {
  /**
   * Creates one payment with a QR. @param more the order itself, of a till that sends it in the same request
   * @returns it, and the duration in milliseconds. @throws when no QR came
   */
  create(orderId: string, more?: object): Promise<{ made: MadePayment; ms: number }>;
  /** Sends the paid webhook of one payment. @returns milliseconds to its 200, and to `order.paid` on a screen */
  pay(made: MadePayment, screens: Screens): Promise<{ webhookMs: number; publishedMs: number }>;
  close(): Promise<void>;
}

export function openLoad({ url, apiKey, serverKey }: Target, tills: number): Load {
  const pool = new Pool(url, {
    connections: tills,
    pipelining: 1,
    keepAliveTimeout: 60_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  let requests = 0;

  async function post(path: string, headers: Record<string, string>, body: object) {
    const started = performance.now();
    const { statusCode, body: response } = await pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { statusCode, text, started, ms: performance.now() - started };
  }

  return {
    create: async (orderId, more = {}) => {
      const headers = { authorization: `Bearer ${apiKey}`, 'idempotency-key': `bench-${process.pid}-${performance.now()}-${++requests}` };
      const { statusCode, text, ms } = await post('/transaction/payments', headers, { order_id: orderId, ...more });
      const payment = JSON.parse(text) as { payment_id: string; transaction_id: string; amount: number; qr_string: string | null };
      if (statusCode !== 201 || !payment.qr_string) throw new Error(`no QR for order ${orderId}: ${statusCode} ${text}`);
      return { made: { paymentId: payment.payment_id, reference: payment.transaction_id, amount: payment.amount }, ms };
    },
    pay: async (made, screens) => {
      const notice = paidNotice(made, serverKey);
      const received = screens.waitsFor(made.paymentId, timeoutMs);
      received.catch(() => {}); // awaited below
      const { statusCode, text, started, ms } = await post('/webhooks/midtrans', {}, notice);
      if (statusCode !== 200) throw new Error(`the webhook of ${made.reference} was refused: ${statusCode} ${text}`);
      return { webhookMs: ms, publishedMs: (await received) - started };
    },
    close: () => pool.close(),
  };
}

/** Each till creates one payment after the other until `seconds` have passed. Then the payments are paid in the order of creation. */
export async function runRound(
  load: Load,
  {
    tills,
    seconds,
    orders,
    screens,
    markPaid,
  }: { tills: number; seconds: number; orders: string[]; screens: Screens; markPaid: () => Promise<void> },
): Promise<Figures> {
  const made: MadePayment[] = [];
  const createMs: number[] = [];
  const createSeconds = await runConcurrently(tills, async (elapsed) => {
    const order = elapsed() < seconds ? orders.pop() : undefined;
    if (!order) return false;
    const { made: payment, ms } = await load.create(order);
    made.push(payment);
    createMs.push(ms);
    return true;
  });
  await markPaid();
  const webhookMs: number[] = [];
  const publishedMs: number[] = [];
  const queue = made.values();
  const paySeconds = await runConcurrently(tills, async () => {
    const next = queue.next();
    if (next.done) return false;
    const times = await load.pay(next.value, screens);
    webhookMs.push(times.webhookMs);
    publishedMs.push(times.publishedMs);
    return true;
  });
  return { create: timesOf(createMs, createSeconds), webhook: timesOf(webhookMs, paySeconds), published: timesOf(publishedMs, paySeconds) };
}

/** Runs `step` in `count` loops until it returns false in each. @returns the duration in seconds */
async function runConcurrently(count: number, step: (elapsedSeconds: () => number) => Promise<boolean>): Promise<number> {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1_000;
  await Promise.all(
    Array.from({ length: count }, async () => {
      while (await step(elapsed));
    }),
  );
  return elapsed();
}

/** Midtrans' notification that a charge was paid, as its documentation signs it. */
function paidNotice({ reference, amount }: MadePayment, serverKey: string): object {
  const signed = { order_id: reference, status_code: '200', gross_amount: `${amount}.00` };
  return {
    ...signed,
    transaction_id: `stub-${reference}`,
    transaction_status: 'settlement',
    fraud_status: 'accept',
    payment_type: 'qris',
    transaction_time: '2026-03-02 10:00:00',
    settlement_time: '2026-03-02 10:00:30',
    signature_key: createHash('sha512').update(`${reference}200${signed.gross_amount}${serverKey}`).digest('hex'),
  };
}
