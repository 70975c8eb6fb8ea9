import { createHash, randomBytes } from 'node:crypto';
import { csrfTokenOf } from '@gateway/api/src/operator/sign-in/csrf.ts';

/** What an attacker knows. */
export interface Loot {
  api: string;
  /** A key of a tenant other than the honest one, with all scopes; one that may only read events; one of a tenant with many payments. */
  key: string;
  eventsKey: string;
  listKey: string;
  /** Genuine webhooks about one payment of the attacker, as Midtrans signed them. */
  webhook: Record<string, string>;
  paymentIds: string[];
  /** Orders of the attacker's tenant. */
  orderIds: string[];
  /** An order that its POS has locked. */
  lockedOrderId: string;
  storeId: string;
  operator: string;
}

export interface Call {
  path: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Attack {
  /** How many requests are under way at the same time. */
  concurrency: number;
  /** How many requests are made in a second, when the gateway answers them that fast. */
  perSecond: number;
  /** What share of them must have been made, or the attack was none. Default: 0.8. Less where the gateway lets each request wait. */
  leastShare?: number;
  /** The request number `n`, from 0. */
  call(loot: Loot, n: number): Call;
}

const json = { 'content-type': 'application/json' };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const addressOf = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
const pick = (list: readonly string[], n: number): string => list[n % list.length] as string;

const webhook = (body: Record<string, unknown>): Call => ({
  path: '/webhooks/midtrans',
  method: 'POST',
  headers: json,
  body: JSON.stringify(body),
});
const create = ({ key }: Loot, orderId: string): Call => ({
  path: '/transaction/payments',
  method: 'POST',
  headers: { ...json, ...bearer(key), prefer: 'wait=2' },
  body: JSON.stringify({ order_id: orderId }),
});
const act = ({ key }: Loot, id: string, action: string, prefer = 'wait=2'): Call => ({
  path: `/transaction/payments/${id}/${action}`,
  method: 'POST',
  headers: { ...bearer(key), prefer },
});
const tryPassword = (loot: Loot, n: number, address: string): Call => ({
  path: '/operator/sign-in',
  method: 'POST',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'same-origin',
    cookie: 'operator_form=guesser',
    'x-forwarded-for': address,
  },
  body: new URLSearchParams({ username: loot.operator, password: `guess ${n}`, csrf: csrfTokenOf('guesser') }).toString(),
});

const longId = 'a-'.repeat(7_000);
const openPaths = ['/wp-login.php', '/transaction/payments', '/docs/', '/health/ready', '/openapi.json', '/problems'];

/**
 * The attacks of part A, by name, each at least as often as it was seen to do harm: 300 varied webhooks, 190 checks, 50 creates and cancels,
 * and 3,000 requests without a key in a second. Without a pace, an attacker on the same machine as the gateway is as fast as the gateway
 * answers, so that cheaper refusals would only make more requests.
 */
export const attacks: Readonly<Record<string, Attack>> = {
  'replayed webhook': { concurrency: 20, perSecond: 1_000, call: ({ webhook: body }) => webhook(body) },
  'varied webhook': {
    concurrency: 20,
    perSecond: 500,
    call: ({ webhook: body }, n) =>
      webhook({
        ...body,
        transaction_id: `${n}`,
        transaction_status: pick(['settlement', 'pending', 'deny'], n),
        padding: 'x'.repeat(40_000),
      }),
  },
  'forged webhook': {
    concurrency: 20,
    perSecond: 3_000,
    call: ({ webhook: body }) => webhook({ ...body, signature_key: randomBytes(64).toString('hex') }),
  },
  'check loop, one payment': {
    concurrency: 10,
    perSecond: 100,
    leastShare: 0.03,
    call: (loot) => act(loot, pick(loot.paymentIds, 0), 'check'),
  },
  'check loop, ten payments': {
    concurrency: 10,
    perSecond: 500,
    call: (loot, n) => act(loot, pick(loot.paymentIds, n), 'check', 'respond-async'),
  },
  'create and cancel, one order': {
    concurrency: 4,
    perSecond: 200,
    call: (loot, n) => (n % 2 === 0 ? create(loot, pick(loot.orderIds, 0)) : act(loot, 'LAST', 'cancel')),
  },
  'a locked order, 60 at once': { concurrency: 60, perSecond: 600, call: (loot) => create(loot, loot.lockedOrderId) },
  'unindexed filters': {
    concurrency: 10,
    perSecond: 1_000,
    call: ({ listKey }, n) => ({
      path: `/transaction/payments?${pick(['status=refunded', 'status=failed&from=2020-01-01T00:00:00Z', 'live=true', 'status=created'], n)}`,
      headers: bearer(listKey),
    }),
  },
  'stream hoarding': {
    concurrency: 50,
    perSecond: 1_000,
    call: ({ eventsKey, storeId }) => ({
      path: `/stores/${storeId}/events`,
      headers: { ...bearer(eventsKey), accept: 'text/event-stream' },
    }),
  },
  'snapshots and events': {
    concurrency: 20,
    perSecond: 1_000,
    call: ({ eventsKey, storeId }, n) => ({ path: `/stores/${storeId}/${pick(['snapshot', 'events'], n)}`, headers: bearer(eventsKey) }),
  },
  'wrong passwords, one address': { concurrency: 20, perSecond: 1_000, call: (loot, n) => tryPassword(loot, n, '192.0.2.66') },
  'wrong passwords, many addresses': {
    concurrency: 20,
    perSecond: 200,
    leastShare: 0.005,
    call: (loot, n) => tryPassword(loot, n, addressOf(n)),
  },
  'without a key': {
    concurrency: 20,
    perSecond: 3_000,
    call: (_loot, n) => ({ path: pick(openPaths, n), headers: { 'x-forwarded-for': '192.0.2.67' } }),
  },
  'redaction worst cases': {
    concurrency: 10,
    perSecond: 300,
    call: ({ key }, n) => ({
      path: n % 2 === 0 ? `/transaction/orders/${longId}/payment` : `/transaction/payments?order_id=${longId}`,
      headers: { ...bearer(key), 'x-request-id': longId.slice(0, 500) },
    }),
  },
};

/** Signs a notification as Midtrans does. */
export function signedWebhook(orderId: string, amount: number, serverKey: string): Record<string, string> {
  const [status_code, gross_amount] = ['200', `${amount}.00`];
  const signature_key = createHash('sha512').update(`${orderId}${status_code}${gross_amount}${serverKey}`).digest('hex');
  return { order_id: orderId, status_code, gross_amount, signature_key, transaction_status: 'settlement' };
}
