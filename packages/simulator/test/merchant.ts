import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { inventedKeys, type Simulator, type SimulatorOptions, startSimulator } from '../src/index.ts';

export type Json = Record<string, unknown>;

export interface HttpResult {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** The body parsed as JSON; an empty object when it is not JSON. */
  body: Json;
}

export interface Webhook {
  body: Json;
  headers: http.IncomingHttpHeaders;
  path: string;
}

/** A merchant's webhook endpoint: records what arrives, and answers what `respond` returns. */
export class Inbox {
  readonly received: Webhook[] = [];
  /** Chooses the answer to each delivery; null: no answer. */
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
      for (const resolve of this.#waiting.splice(0)) resolve();
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

  /** Waits until `count` matching deliveries have arrived, and returns all that match. */
  async deliveries(count: number, isMatch: (webhook: Webhook) => boolean = () => true): Promise<Webhook[]> {
    for (;;) {
      const matching = this.received.filter(isMatch);
      if (matching.length >= count) return matching;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits for the first matching delivery. */
  async first(isMatch: (webhook: Webhook) => boolean): Promise<Webhook> {
    const [webhook] = await this.deliveries(1, isMatch);
    if (!webhook) throw new Error('unreachable: deliveries(1) returned none');
    return webhook;
  }
}

/** Matches webhooks of one kind: a `transaction_status` of Midtrans or an `event` of Xendit. */
export const about =
  (kind: string) =>
  ({ body }: Webhook): boolean =>
    body.transaction_status === kind || body.event === kind;

export const basic = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;

/** A merchant of both providers: calls them over HTTP, and receives their webhooks in one inbox. */
export interface Merchant {
  simulator: Simulator;
  inbox: Inbox;
  midtrans(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpResult>;
  xendit(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpResult>;
  control(method: string, path: string, body?: unknown): Promise<HttpResult>;
  /** Creates a charge at Midtrans and returns the answer's body. */
  charge(orderId: string, amount?: number, more?: Json): Promise<Json>;
  /** Creates a payment request at Xendit and returns the answer's body. */
  request(referenceId: string, amount?: number, more?: Json): Promise<Json>;
  stop(): Promise<void>;
}

/** Starts a simulator with one account at each provider, and the merchant of both. */
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

/** Sends a string body unchanged, any other as JSON. Not `fetch`, which treats status 407 as a network error; Midtrans may answer 407. */
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

/** Waits until the condition holds. The test's own timeout ends the wait when it never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
