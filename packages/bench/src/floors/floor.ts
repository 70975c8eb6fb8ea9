import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Pool } from 'undici';

// What both floors share: the libraries without layers of their own, with their fastest settings.

const variable = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing`);
  return value;
};

export const config = {
  queuePrefix: variable('FLOOR'),
  apiKey: variable('API_KEY'),
  serverKey: variable('MIDTRANS_SERVER_KEY'),
  tenant: variable('TENANT'),
};

export const concurrency = 64; // the concurrency of the product's charge queue

process.once('disconnect', () => process.exit());

const numbers = ((oid: number, format?: 'text') =>
  oid === 20 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

/** A pool of the product's size that returns bigint as a number. */
export const connect = (options: pg.PoolConfig): pg.Pool =>
  new pg.Pool({
    connectionString: variable('DATABASE_URL'),
    max: 20,
    idleTimeoutMillis: 300_000,
    types: { getTypeParser: numbers },
    ...options,
  });

export const database = connect({});

export const redis = new Redis(variable('REDIS_URL'));

/** A new connection for each queue, as BullMQ requires. */
export const queueConnection = () => new Redis(variable('REDIS_URL'), { maxRetriesPerRequest: null });

/** Subscribes to this process's reply channel. @returns a function that waits for the QR of a payment */
export async function listenForReplies(channel: string): Promise<(paymentId: string) => Promise<string>> {
  const waiting = new Map<string, (qr: string) => void>();
  const subscriber = new Redis(variable('REDIS_URL'));
  subscriber.on('message', (_channel: string, message: string) => {
    const { paymentId, qr } = JSON.parse(message) as { paymentId: string; qr: string };
    waiting.get(paymentId)?.(qr);
    waiting.delete(paymentId);
  });
  await subscriber.subscribe(channel);
  return (paymentId) => new Promise((resolve) => waiting.set(paymentId, resolve));
}

const provider = new Pool(variable('MIDTRANS_BASE_URL'), { pipelining: 1, keepAliveTimeout: 60_000 });
const authorization = `Basic ${Buffer.from(`${config.serverKey}:`).toString('base64')}`;

export async function callProvider<ResponseBody>(method: 'GET' | 'POST', path: string, body?: object): Promise<ResponseBody> {
  const { body: response } = await provider.request({
    method,
    path,
    headers: { authorization, 'content-type': 'application/json', accept: 'application/json' },
    body: body ? JSON.stringify(body) : null,
  });
  return (await response.json()) as ResponseBody;
}

export interface WireCharge {
  transaction_id: string;
  transaction_status: string;
  gross_amount: string;
  qr_string: string;
}

export const makeCharge = (reference: string, amount: number): Promise<WireCharge> =>
  callProvider('POST', '/v2/charge', {
    payment_type: 'qris',
    transaction_details: { order_id: reference, gross_amount: amount },
    qris: { acquirer: 'gopay' },
  });

export function serve(app: Express): void {
  const server = app.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
  server.keepAliveTimeout = 60_000;
}

/** A floor does not retry. A failed job is a mistake in the floor. */
export const logError = (_job: unknown, error: Error): void => void process.stderr.write(`${error.stack}\n`);

export function announce(port = 0): void {
  process.send?.({ ready: true, port });
}
