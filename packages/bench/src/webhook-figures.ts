import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { fetch } from 'undici';
import { type EventLoad, openEventLoad } from './event-load.ts';
import { openLoad, type Target } from './load.ts';
import { type Times, timesOf } from './percentiles.ts';
import { openScreens } from './screens.ts';
import type { System } from './systems.ts';
import { type Cpu, cpuBetween, cpuOf } from './usage.ts';

/** What outgoing webhooks cost, with and without endpoints, in turns. */
export interface WebhookFigures {
  /** From the commit of an event until its only endpoint has received it. */
  oneEndpoint: Times;
  without: WebhookRound[];
  with: WebhookRound[];
}

/** One till creates payments while events happen. */
export interface WebhookRound {
  create: Times;
  /** From the commit of an event to the endpoint; without endpoints: to a screen. */
  arrival: Times;
  cpuSeconds: Cpu;
}

export interface WebhookOptions {
  endpoints: number;
  /** Events of all endpoints together. Each event is for one of them. */
  perSecond: number;
  seconds: number;
  rounds: number;
}

interface Context {
  system: System;
  databaseUrl: string;
  redisUrl: string;
  pids: { postgres: number; redis: number };
  print: (line: string) => void;
}

const tillPauseMs = 20;
const knownMs = 2_000; // an endpoint gets events from this time after its creation

/** Measures the running product. The two kinds of rounds alternate, so that other load on this machine meets both. */
export async function measureWebhooks(context: Context, options: WebhookOptions): Promise<WebhookFigures> {
  const { system, databaseUrl, redisUrl, print } = context;
  const stores = await registerStores(databaseUrl, options.endpoints);
  const [events, one] = [openEventLoad(context, stores), openEventLoad(context, stores.slice(0, 1))];
  const receiver = await startReceiver();
  const screens = await openScreens(redisUrl, stores);
  const onScreens = new Map<string, number>();
  screens.onEvent(({ event_id }, at) => onScreens.set(event_id, at));
  const endpoints = endpointsAt(system.target, receiver.url);
  const figures: Pick<WebhookFigures, 'with' | 'without'> = { with: [], without: [] };
  try {
    await endpoints.create(stores.slice(0, 1));
    await one.atRate(receiver.receivedAt, { perSecond: 20, seconds: 2 }); // warm-up
    const oneEndpoint = await one.atRate(receiver.receivedAt, { perSecond: 10, seconds: options.seconds });
    await endpoints.remove();
    for (let n = 0; n < 2 * options.rounds; n++) {
      const kind = (n + (n >> 1)) % 2 === 0 ? 'without' : 'with'; // A B B A: neither kind is always the later one
      if (kind === 'with') await endpoints.create(stores);
      const round = await runRound(context, events, kind === 'with' ? receiver.receivedAt : onScreens, options);
      await endpoints.remove();
      figures[kind].push(round);
      print(`${kind.padEnd(7)} ${inShort(round)}`);
    }
    return { oneEndpoint, ...figures };
  } finally {
    await endpoints.remove();
    screens.close();
    await Promise.all([events.close(), one.close(), receiver.close()]);
  }
}

async function runRound(
  { system, pids }: Context,
  events: EventLoad,
  receivedAt: ReadonlyMap<string, number>,
  { perSecond, seconds }: WebhookOptions,
): Promise<WebhookRound> {
  const till = openLoad(system.target, 1);
  const orders = await system.placeOrders(Math.ceil((seconds * 1_000) / tillPauseMs));
  await events.atRate(receivedAt, { perSecond, seconds: 1 }); // warm-up
  const createMs: number[] = [];
  let isOver = false;
  const selling = (async () => {
    while (!isOver) {
      createMs.push((await till.create(orders.pop() as string)).ms);
      await delay(tillPauseMs);
    }
  })();
  selling.catch(() => {}); // awaited below
  const [before, ownBefore] = [cpuOf(system, pids), process.cpuUsage()];
  const arrival = await events.atRate(receivedAt, { perSecond, seconds });
  isOver = true;
  await selling;
  await till.close();
  const own = process.cpuUsage(ownBefore); // the till, the screens and the endpoints' server
  const cpuSeconds = { ...cpuBetween(before, cpuOf(system, pids)), load: (own.user + own.system) / 1e6 };
  return { create: timesOf(createMs, seconds), arrival, cpuSeconds };
}

/** Stores of the tenant whose orders are paid. @returns their ids */
async function registerStores(databaseUrl: string, count: number): Promise<string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const text = `insert into gateway.stores (store_id, host, tenant, created_at)
    select 'HOOK-' || n, 'pos', o.merchant_id::text, now() from pos.outlets o, generate_series(1, $1) n where o.code = 'JKT-01' returning store_id`;
  const { rows } = await client.query<{ store_id: string }>(text, [count]);
  await client.end();
  return rows.map(({ store_id }) => store_id);
}

/** The server of the endpoints' owner. */
async function startReceiver(): Promise<{ url: string; receivedAt: Map<string, number>; close(): Promise<void> }> {
  const receivedAt = new Map<string, number>();
  const server = createServer((request, answer) => {
    request.resume().on('end', () => {
      receivedAt.set(String(request.headers['webhook-id']), performance.now());
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    receivedAt,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Makes endpoints, one for each store, each with a URL of its own. */
function endpointsAt({ url, apiKey }: Target, receiverUrl: string) {
  const ids: string[] = [];
  const call = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/webhook-endpoints${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /webhook-endpoints${path}: ${answer.status} ${text}`);
    return text;
  };
  return {
    create: async (stores: readonly string[]) => {
      for (const store of stores) {
        const text = await call('POST', '', { url: `${receiverUrl}/${store}`, events: ['*'], store_ids: [store] });
        ids.push((JSON.parse(text) as { id: string }).id);
      }
      await delay(knownMs);
    },
    remove: async () => {
      for (const id of ids.splice(0)) await call('DELETE', `/${id}`);
    },
  };
}

const inShort = ({ create, arrival, cpuSeconds }: WebhookRound): string =>
  `create p50 ${create.p50.toFixed(1)} ms p99 ${create.p99.toFixed(1)} ms (${create.count}), commit → arrival ${arrival.perSecond.toFixed(0)}/s p50 ${arrival.p50.toFixed(1)} ms p99 ${arrival.p99.toFixed(1)} ms, CPU s ${Object.entries(
    cpuSeconds,
  )
    .map(([name, value]) => `${name} ${value?.toFixed(1)}`)
    .join(' ')}`;
