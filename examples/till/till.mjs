// A small till for Node 20 or newer, without a package. Run: node till.mjs DPS-01 A-12
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

const { GATEWAY_URL: gateway = 'http://127.0.0.1:3000', GATEWAY_API_KEY: key = 'sk_test_till_demo' } = process.env;
const [store = 'DPS-01', orderId = `A-${Date.now()}`] = process.argv.slice(2);

function end(message) {
  console.error(message);
  process.exit(1);
}

/** Calls the gateway, and repeats while it is busy or cannot be reached. The Idempotency-Key makes the repetition safe. */
async function call(method, path, body, idempotencyKey) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
  for (let tries = 1; ; tries++) {
    const request = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(30_000) };
    const response = await fetch(gateway + path, request).catch(() => null);
    const answer = (await response?.json().catch(() => null)) ?? {};
    if (response?.ok) return answer;
    const mayRepeat = !response || response.status === 429 || response.status >= 500;
    if (!mayRepeat || tries === 5) end(`refused: ${answer.detail ?? `no answer from ${gateway}`}`);
    await delay(tries * 1_000);
  }
}

const order = {
  number: orderId,
  table: '7',
  type: 'dine_in',
  lines: [{ sku: 'MKN-001', name: 'Nasi goreng', quantity: 2, unit_price: 25_000, total: 50_000, note: 'tidak pedas' }],
  charges: [{ kind: 'tax', name: 'PB1 10 %', amount: 5_000 }],
  total: 55_000,
  metadata: { cashier: 'Sari' },
};

let { seq } = await call('GET', `/stores/${store}/snapshot`);
const request = { order_id: orderId, store_id: store, order };
const payment = await call('POST', '/transaction/payments', request, `${orderId}-${randomUUID()}`);
console.log(`payment ${payment.payment_id}: Rp ${payment.amount}\nshow this QR to the guest: ${payment.qr_image_url}`);

for (;;) {
  const page = await call('GET', `/stores/${store}/events?after=${seq}`);
  seq = page.next_after;
  for (const { type, data, order_number, table } of page.events.filter((event) => event.payment_id === payment.payment_id)) {
    if (type === 'payment.paid') console.log(`paid with ${data.issuer}, receipt ${data.receipt}`);
    if (['payment.expired', 'payment.cancelled', 'payment.failed'].includes(type)) end(`${type}: ask again`);
    if (type !== 'order.paid') continue;
    console.log(`KITCHEN  ${order_number}  table ${table}`);
    for (const { quantity, name, note } of data.items) console.log(`${quantity} x ${name}  ${note ?? ''}`);
    process.exit();
  }
  await delay(1_000);
}
