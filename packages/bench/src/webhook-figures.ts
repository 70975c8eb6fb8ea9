import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { fetch } from 'undici';
import { type EventLoad, openEventLoad } from './event-load.ts';
import { openLoad, type Target } from './load.ts';
import { monotonicMs } from './monotonic.ts';
import { type Times, timesOf } from './percentiles.ts';
import { type RunningProgram, startProgram } from './program.ts';
import { openScreens } from './screens.ts';
import type { BenchServers, System } from './systems.ts';
import { type Cpu, cpuBetween, cpuOf } from './usage.ts';

/**
 * What happens to the events of a round: `without` an endpoint they are only published; `plain`: the same requests are made by a sender
 * that keeps no promise; `with` endpoints, the product sends them.
 */
export const webhookRounds = ['without', 'plain', 'with'] as const;
export type WebhookRounds = Record<(typeof webhookRounds)[number], WebhookRound[]>;

/** What outgoing webhooks cost: rounds of each kind, alternating. */
export interface WebhookFigures extends WebhookRounds {
  /** From the commit of an event until its only endpoint has received it. */
  oneEndpoint: Times;
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

interface Context extends BenchServers {
  system: System;
  pids: { postgres: number; redis: number };
  print: (line: string) => void;
}

const tillPauseMs = 20;
const knownMs = 2_000; // an endpoint gets events from this time after its creation

/** Measures the running product. The kinds of rounds alternate, so that other load on this machine meets all of them. */
export async function measureWebhooks(context: Context, options: WebhookOptions): Promise<WebhookFigures> {
  const { system, databaseUrl, redisUrl, print } = context;
  const stores = await registerStores(databaseUrl, options.endpoints);
  const [events, one] = [openEventLoad(context, stores), openEventLoad(context, stores.slice(0, 1))];
  const receiver = await startReceiver(context);
  const sender = await startPlainSender(context, receiver.url, stores);
  const screens = await openScreens(redisUrl, stores);
  const onScreens = new Map<string, number>();
  screens.onEvent(({ event_id }, at) => onScreens.set(event_id, at));
  const endpoints = endpointsAt(system.target, receiver.url);
  const rounds: WebhookRounds = { without: [], plain: [], with: [] };
  try {
    await endpoints.create(stores.slice(0, 1));
    await one.atRate(receiver.receivedAt, { perSecond: 20, seconds: 2 }); // warm-up
    const oneEndpoint = await one.atRate(receiver.receivedAt, { perSecond: 10, seconds: options.seconds });
    await endpoints.remove();
    for (let n = 0; n < options.rounds; n++) {
      for (const kind of n % 2 === 0 ? webhookRounds : webhookRounds.toReversed()) {
        if (kind === 'with') await endpoints.create(stores);
        sender.tell(kind === 'plain' ? 'on' : 'off');
        const receivedAt = kind === 'without' ? onScreens : receiver.receivedAt;
        const round = await runRound({ ...context, others: [receiver.program, sender] }, events, receivedAt, options);
        await endpoints.remove();
        rounds[kind].push(round);
        print(`${kind.padEnd(7)} ${inShort(round)}`);
      }
    }
    return { oneEndpoint, ...rounds };
  } finally {
    await endpoints.remove();
    screens.close();
    await Promise.all([events.close(), one.close(), receiver.program.stop(), sender.stop()]);
  }
}

async function runRound(
  { system, pids, others }: Context & { others: readonly RunningProgram[] },
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
  const programs = [...system.programs, ...others];
  const [before, ownBefore] = [cpuOf({ programs }, pids), process.cpuUsage()];
  const arrival = await events.atRate(receivedAt, { perSecond, seconds });
  isOver = true;
  await selling;
  await till.close();
  const own = process.cpuUsage(ownBefore); // the till, the screens and the events
  const cpuSeconds = { ...cpuBetween(before, cpuOf({ programs }, pids)), load: (own.user + own.system) / 1e6 };
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

/** The servers of the endpoints' owners. `receivedAt` is as of `performance.now()` of this process. */
async function startReceiver({
  build,
  logDir,
}: Context): Promise<{ url: string; receivedAt: Map<string, number>; program: RunningProgram }> {
  const receivedAt = new Map<string, number>();
  const aheadMs = monotonicMs() - performance.now();
  const onMessage = (arrivals: unknown) => {
    for (const [id, at] of arrivals as [string, number][]) receivedAt.set(id, at - aheadMs);
  };
  const logFile = path.join(logDir, 'receiver.log');
  const program = await startProgram({ file: 'packages/bench/receiver', environment: {}, logFile, build, onMessage });
  return { url: `http://127.0.0.1:${program.port}`, receivedAt, program };
}

const startPlainSender = ({ build, logDir, redisUrl }: Context, receiverUrl: string, stores: readonly string[]): Promise<RunningProgram> =>
  startProgram({
    file: 'packages/bench/plain-sender',
    environment: { REDIS_URL: redisUrl, RECEIVER_URL: receiverUrl, STORES: stores.join(',') },
    logFile: path.join(logDir, 'plain-sender.log'),
    build,
  });

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
