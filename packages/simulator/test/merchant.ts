import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { inventedKeys, type Simulator, type SimulatorOptions, startSimulator } from '../src/index.ts';

export type Json = Record<string, unknown>;

export interface HttpResult {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** The body as JSON; an empty object when it is none. */
  body: Json;
}

export interface Webhook {
  body: Json;
  headers: http.IncomingHttpHeaders;
  path: string;
}

/** A merchant's webhook endpoint: keeps what arrives, answers as it is told, and wakes whoever waits. */
export class Inbox {
  readonly received: Webhook[] = [];
  /** Chooses the answer to each delivery; null: none at all. */
  respond: (webhook: Webhook) => { status: number; headers?: Record<string, string> } | null = () => ({ status: 200 });
  readonly #server = http.createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    req.on('end', () => {
      const webhook = { body: JSON.parse(text) as Json, headers: req.headers, path: req.url ?? '/' };
      this.received.push(webhook);
      const response = this.respond(webhook);
      if (response) res.writeHead(response.status, response.headers).end();
      for (const wake of this.#waiting.splice(0)) wake();
    });
  });
  readonly #waiting: (() => void)[] = [];

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Waits until so many deliveries fit, and returns them. */
  async deliveries(count: number, isMatch: (webhook: Webhook) => boolean = () => true): Promise<Webhook[]> {
    for (;;) {
      const matching = this.received.filter(isMatch);
      if (matching.length >= count) return matching;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The first delivery that fits. */
  async first(isMatch: (webhook: Webhook) => boolean): Promise<Webhook> {
    const [webhook] = await this.deliveries(1, isMatch);
    if (!webhook) throw new Error('unreachable: we waited for it');
    return webhook;
  }
}

/** News of one kind: Midtrans names the state, Xendit the event. */
export const about =
  (kind: string) =>
  ({ body }: Webhook): boolean =>
    body.transaction_status === kind || body.event === kind;

export const basic = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;

/** A merchant of both providers: calls them over HTTP, and listens for their news at one place. */
export interface Merchant {
  simulator: Simulator;
  inbox: Inbox;
  midtrans(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpResult>;
  xendit(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpResult>;
  control(method: string, path: string, body?: unknown): Promise<HttpResult>;
  /** Makes a charge at Midtrans and returns the answer's body. */
  charge(orderId: string, amount?: number, more?: Json): Promise<Json>;
  /** Makes a payment request at Xendit and returns the answer's body. */
  request(referenceId: string, amount?: number, more?: Json): Promise<Json>;
  stop(): Promise<void>;
}

export async function openMerchant(options: SimulatorOptions = {}): Promise<Merchant> {
  const inbox = new Inbox();
  const inboxUrl = await inbox.open();
  const simulator = await startSimulator({
    midtrans: [{ notificationUrl: `${inboxUrl}/midtrans` }],
    xendit: [{ notificationUrl: `${inboxUrl}/xendit` }],
    ...options,
  });
  const midtransHeaders = { authorization: basic(inventedKeys.midtransServerKey), accept: 'application/json' };
  const xenditHeaders = { authorization: basic(inventedKeys.xenditSecretKey), 'api-version': '2024-11-11' };
  const merchant: Merchant = {
    simulator,
    inbox,
    midtrans: (method, path, body, headers) => call(method, `${simulator.url}/midtrans${path}`, body, { ...midtransHeaders, ...headers }),
    xendit: (method, path, body, headers) => call(method, `${simulator.url}/xendit${path}`, body, { ...xenditHeaders, ...headers }),
    control: (method, path, body) => call(method, `${simulator.url}/control${path}`, body, {}),
    charge: async (orderId, amount = 150_000, more = {}) =>
      (await merchant.midtrans('POST', '/v2/charge', chargeBody(orderId, amount, more))).body,
    request: async (referenceId, amount = 150_000, more = {}) =>
      (await merchant.xendit('POST', '/v3/payment_requests', requestBody(referenceId, amount, more))).body,
    stop: async () => {
      await simulator.stop();
      inbox.close();
    },
  };
  return merchant;
}

export const chargeBody = (orderId: string, amount: number, more: Json = {}): Json => ({
  payment_type: 'qris',
  transaction_details: { order_id: orderId, gross_amount: amount },
  qris: { acquirer: 'gopay' },
  ...more,
});

export const requestBody = (referenceId: string, amount: number, more: Json = {}): Json => ({
  reference_id: referenceId,
  type: 'PAY',
  country: 'ID',
  currency: 'IDR',
  request_amount: amount,
  capture_method: 'AUTOMATIC',
  channel_code: 'QRIS',
  channel_properties: {},
  ...more,
});

/** A string body is sent as it is. Not `fetch`: it takes an answer with status 407, which Midtrans may give, for a network error. */
export function call(method: string, url: string, body: unknown, headers: Record<string, string>): Promise<HttpResult> {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const allHeaders = sent === undefined ? headers : { 'content-type': 'application/json', ...headers };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers: allHeaders }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parseJson(text) }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(sent);
  });
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}

/** Lets the event loop turn until it is so. The test's own limit ends it when it never is. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
