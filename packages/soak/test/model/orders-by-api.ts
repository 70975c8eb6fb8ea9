import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createApiMetrics } from '@gateway/api/src/http/api-metrics.ts';
import { setClient } from '@gateway/api/src/http/authenticate-client.ts';
import { handleErrors } from '@gateway/api/src/http/handle-errors.ts';
import { orderJsonBody } from '@gateway/api/src/http/json-body.ts';
import { createAddressLimit } from '@gateway/api/src/http/limit-address.ts';
import { listen } from '@gateway/api/src/http/listen.ts';
import { createSecurityLog } from '@gateway/api/src/http/security-log.ts';
import { createTenantShare } from '@gateway/api/src/http/tenant-share.ts';
import { orderFingerprint } from '@gateway/api/src/orders/order-body.ts';
import { putOrder } from '@gateway/api/src/orders/put-order.ts';
import { takeTender } from '@gateway/api/src/orders/take-tender.ts';
import { voidOrder } from '@gateway/api/src/orders/void-order.ts';
import { openPayment } from '@gateway/api/src/payments/open-payment.ts';
import { createQrLinks } from '@gateway/api/src/payments/qr-link.ts';
import { createStoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import type { Payment } from '@gateway/shared/payment';
import type { Enqueue } from '@gateway/shared/queue';
import { createLogger, createMetrics } from '@gateway/shared/runtime';
import { type clients, type OrderBody, tillOrderKey } from '@gateway/shared/store';
import type { WorkerHarness } from '@gateway/testing/worker/worker-harness';
import express from 'express';
import type { OrderSoftware } from './order-software.ts';

/** A till that sends its orders by HTTP, with what only such a till can do. */
export interface OrdersByApi extends OrderSoftware {
  /** Sends the order with one more dish, and makes it payable, in one request. @returns null when it was refused with a reason */
  openWithDish(orderKey: string, amount: number, expiresInMs: number): Promise<Payment | null>;
  /** Tries every change of a paid order. @throws when one is not refused */
  tryToChangePaid(orderKey: string): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  body: { due: number; version: number; code?: string };
}

const tenant = 'model';
const storeId = 'MODEL-01';
const client: clients.Client = {
  id: 'cli_model',
  name: 'model',
  host: 'till',
  tenant,
  stores: null,
  scopes: ['payments', 'refunds', 'events'],
  createdAt: new Date(0),
  revokedAt: null,
  expiresAt: null,
  lastUsedOn: null,
  previousUntil: null,
};

const withDish = (body: OrderBody, name: string, amount: number): OrderBody => ({
  ...body,
  lines: [...body.lines, { sku: null, name, quantity: 1, unit_price: amount, total: amount, note: null }],
  total: body.total + amount,
});

const withFirstLine = (body: OrderBody, change: Partial<OrderBody['lines'][number]>): OrderBody => {
  const lines = body.lines.map((line, index) => (index === 0 ? { ...line, ...change } : line));
  return { ...body, lines, total: lines.reduce((sum, { total }) => sum + total, 0) };
};

/** The real routes of orders, on a server of their own. After each change no QR on display asks for another amount than is due. */
export async function openOrdersByApi(worker: WorkerHarness, enqueue: Enqueue): Promise<OrdersByApi> {
  const { url, stop } = await serveOrders(worker, enqueue);
  const bodies = new Map<string, OrderBody>();
  const stores = createStoreRegistry(worker.db, worker.clock);
  const idOf = (orderKey: string): string => orderKey.slice(tenant.length + 1);
  const bodyOf = (orderKey: string): OrderBody => bodies.get(orderKey) as OrderBody;

  async function send(orderKey: string, method: string, suffix = '', body?: object, key: string = randomUUID()): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const path = `${url}/stores/${storeId}/orders/${idOf(orderKey)}${suffix}`;
    const response = await fetch(path, { method, headers, body: body ? JSON.stringify(body) : null });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  /** @returns false when the change was refused because money was taken that the order does not show yet, or shows already */
  async function change(orderKey: string, answer: Answer, mayBeRefused: boolean): Promise<boolean> {
    const { status, body } = answer;
    if (status === 409 || status === 422) {
      if (mayBeRefused || (await isMoneyUnbooked(worker, orderKey))) return false;
    }
    if (status >= 300) throw new Error(`a change of ${orderKey} was answered ${status} ${body.code}`);
    const wrong = (await displayedAmounts(worker, orderKey)).filter((amount) => amount !== body.due);
    if (wrong.length > 0) throw new Error(`a QR for ${wrong.join(', ')} is on display after a change, and ${body.due} is due`);
    return true;
  }

  async function put(orderKey: string, body: OrderBody): Promise<void> {
    const answer = await send(orderKey, 'PUT', '', body);
    if (!(await change(orderKey, answer, false))) return;
    bodies.set(orderKey, body);
    const again = await send(orderKey, 'PUT', '', body);
    if (again.status !== 200 || again.body.version !== answer.body.version) throw new Error(`the same PUT again changed ${orderKey}`);
  }

  async function tender(orderKey: string, amount: number): Promise<void> {
    const key = randomUUID();
    const once = () => send(orderKey, 'POST', '/tenders', { method: 'cash', amount }, key);
    const answer = await once();
    if (!(await change(orderKey, answer, false))) return;
    const again = await once();
    if (again.status !== 200 || again.body.due !== answer.body.due) throw new Error(`a repeated tender of ${orderKey} counted twice`);
  }

  const open = (orderKey: string, expiresInMs: number, order: OrderBody | null = null): Promise<Payment> => {
    const now = worker.clock.now();
    const toStore = order && { tenant, storeId, orderId: idOf(orderKey), body: order, fingerprint: orderFingerprint(order), at: now };
    const request = { host: worker.hosts.byId('till'), client, orderId: orderKey, order: toStore, expiresInMs, key: null, now };
    return openPayment(stores, { ...request, replyTo: 'api' }, worker.settings).then(({ payment }) => payment);
  };

  return {
    hostId: 'till',
    anOrder: async (total) => {
      const orderKey = tillOrderKey({ tenant, orderId: randomUUID() });
      const dish = { sku: 'MKN-001', name: 'Nasi Goreng Kampung', quantity: 1, unit_price: total, total, note: null };
      await put(orderKey, { number: 'M-1', table: null, type: null, note: null, lines: [dish], charges: [], total, metadata: {} });
      return orderKey;
    },
    open,
    addDish: (order, amount) => put(order, withDish(bodyOf(order), 'Es Teh Manis', amount)),
    reduce: (order, amount) => put(order, withFirstLine(bodyOf(order), { total: (bodyOf(order).lines[0]?.total ?? 0) - amount })),
    swapDish: (order) => put(order, withFirstLine(bodyOf(order), { name: 'Mie Goreng', sku: 'MKN-002' })),
    payInCash: async (order) => {
      const { body } = await send(order, 'PUT', '', bodyOf(order));
      await tender(order, body.due);
    },
    payPartInCash: tender,
    voidOrder: async (order) => change(order, await send(order, 'DELETE'), await isCashTaken(worker, order)),
    deleteOrder: () => Promise.reject(new Error('an order by API is voided, not deleted')),
    reopen: (order, amount) => put(order, withDish(bodyOf(order), 'Kopi Susu', amount)),
    openWithDish: async (orderKey, amount, expiresInMs) => {
      const order = withDish(bodyOf(orderKey), 'Kerupuk', amount);
      const isUnbooked = await isMoneyUnbooked(worker, orderKey);
      const payment = await open(orderKey, expiresInMs, order).catch((error) => {
        if (isUnbooked) return null;
        throw error;
      });
      if (payment && isUnbooked) throw new Error(`${orderKey} was changed although a payment of it is accepted`);
      if (payment) bodies.set(orderKey, order);
      return payment;
    },
    tryToChangePaid: async (orderKey) => {
      const answers = [
        await send(orderKey, 'PUT', '', withDish(bodyOf(orderKey), 'Kerupuk', 1_000)),
        await send(orderKey, 'POST', '/tenders', { method: 'cash', amount: 1_000 }),
        await send(orderKey, 'DELETE'),
      ].map(({ status, body }) => `${status} ${body.code}`);
      const expected = ['409 order_paid', '422 tender_exceeds_due', '409 order_paid'];
      if (answers.join() !== expected.join()) throw new Error(`changes of a paid order were answered ${answers.join()}`);
    },
    close: stop,
  };
}

/** Serves the routes that change orders, as the client of the model. */
async function serveOrders(worker: WorkerHarness, enqueue: Enqueue): Promise<{ url: string; stop(): Promise<void> }> {
  const { hosts, clock, db } = worker;
  const log = createLogger('test', 'silent');
  const { securityCounter } = createApiMetrics(createMetrics('test'));
  const links = createQrLinks('http://gateway.test', ['a signing key of tests, long enough']);
  const deps = { hosts, stores: createStoreRegistry(db, clock), tenantShare: createTenantShare(hosts), enqueue, links, clock };
  const app = express();
  app.use((_req, res, next) => {
    setClient(res, client);
    next();
  });
  app.put('/stores/:storeId/orders/:orderId', orderJsonBody, putOrder(deps));
  app.delete('/stores/:storeId/orders/:orderId', voidOrder(deps));
  app.post('/stores/:storeId/orders/:orderId/tenders', orderJsonBody, takeTender(deps));
  const security = createSecurityLog(log, securityCounter);
  app.use(handleErrors({ log, security, addresses: createAddressLimit(clock), publicUrl: 'http://gateway.test', hosts }));
  const server = await listen(app, { port: 0, address: '127.0.0.1', shared: false });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.stop() };
}

async function displayedAmounts({ db, clock }: WorkerHarness, orderKey: string): Promise<number[]> {
  const { rows } = await db.pool.query<{ amount: string }>(
    `select amount_idr as amount from gateway.payments where host = 'till' and order_key = $1 and status = 'pending' and hidden_at is null
      and cancel_requested_at is null and expires_at > $2`,
    [orderKey, clock.now()],
  );
  return rows.map(({ amount }) => Number(amount));
}

/** Whether a payment of the order is accepted that the order does not show yet. */
async function isMoneyUnbooked({ db }: WorkerHarness, orderKey: string): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `select from gateway.payments p join gateway.attempts a on a.payment_id = p.id and a.unbooked where p.host = 'till' and p.order_key = $1 limit 1`,
    [orderKey],
  );
  return rowCount === 1;
}

const isCashTaken = async ({ db }: WorkerHarness, orderKey: string): Promise<boolean> =>
  (await db.pool.query('select from till.tenders where order_key = $1 limit 1', [orderKey])).rowCount === 1;
