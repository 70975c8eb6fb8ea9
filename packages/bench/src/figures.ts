import path from 'node:path';
import { operatorEntry } from '@gateway/shared/runtime';
import { fetch } from 'undici';
import { type ConsoleFigures, type ConsoleOptions, measureConsole, reader } from './console-figures.ts';
import { stores } from './databases.ts';
import { type Counts, countOneTill, type OneTill, timeOneTill } from './one-till.ts';
import { type Build, startProgram } from './program.ts';
import { measureRelay, type RelayFigures } from './relay-figures.ts';
import { openScreens } from './screens.ts';
import { type BenchServers, type System, startSystem } from './systems.ts';
import { type TwoWaysIn, timeTwoWaysIn } from './two-ways-in.ts';
import { measureWebhooks, type WebhookFigures, type WebhookOptions } from './webhook-figures.ts';

/** What both modes of counting need. */
interface CountOptions {
  build: Build;
  redisUrl: string;
  databaseUrl: string;
  logDir: string;
  counted: Parameters<typeof countOneTill>[1];
}

export interface FiguresOptions extends CountOptions {
  /** The number of payments whose times are measured. */
  timed: number;
  relay: Parameters<typeof measureRelay>[1];
  print: (line: string) => void;
}

/** What bench/figures.json holds. */
export interface FiguresResult {
  oneTill: OneTill;
  relay: RelayFigures;
  counts: Counts;
}

/** Measures the product, without the floors: times and queries of one payment at a time, and how fast events are published. */
export function takeFigures({ timed, counted, relay, print, ...options }: FiguresOptions): Promise<FiguresResult> {
  return withSystem(options, async (context) => {
    const timedFigures = await withProduct(context, async (system) => {
      print('measuring one till…');
      const oneTill = await timeOneTill(system, context, timed);
      print('measuring the relay…');
      return { oneTill, relay: await measureRelay(context, relay) };
    });
    print('counting queries…');
    return { ...timedFigures, counts: await countOneTill(context, counted) };
  });
}

export interface WebhookFiguresOptions extends Omit<CountOptions, 'counted'> {
  pids: { postgres: number; redis: number };
  nodeOptions?: (program: string) => readonly string[];
  webhooks: WebhookOptions;
  print: (line: string) => void;
}

/** Measures what outgoing webhooks cost the till, and how fast they arrive. */
export function takeWebhookFigures({ webhooks, pids, print, ...options }: WebhookFiguresOptions): Promise<WebhookFigures> {
  return withSystem(options, (context) => withProduct(context, (system) => measureWebhooks({ ...context, system, pids, print }, webhooks)));
}

export interface ConsoleFiguresOptions extends Omit<WebhookFiguresOptions, 'webhooks'> {
  console: ConsoleOptions;
}

/** Measures what readers of the console's pages cost the till. */
export async function takeConsoleFigures({ console, pids, print, ...options }: ConsoleFiguresOptions): Promise<ConsoleFigures> {
  const operatorUsers = await operatorEntry(reader.name, 'viewer', reader.password);
  return withSystem(options, (context) =>
    withProduct({ ...context, operatorUsers }, (system) => measureConsole({ system, pids, print }, console)),
  );
}

/** Measures how long a till waits for a QR, with an order by SQL and with one by API. */
export function takeTwoWaysIn({ timed, ...options }: Omit<CountOptions, 'counted'> & { timed: number }): Promise<TwoWaysIn> {
  return withSystem(options, (context) => withProduct(context, (system) => timeTwoWaysIn(system, timed)));
}

/** Counts the queries of one payment, and measures no times. */
export function countOnly({ counted, ...options }: CountOptions): Promise<Counts> {
  return withSystem(options, (context) => countOneTill(context, counted));
}

type MeasureContext = Parameters<typeof countOneTill>[0];

/** Starts the provider stub and the screens, and stops both afterwards. */
async function withSystem<T>(options: Omit<CountOptions, 'counted'>, work: (context: MeasureContext) => Promise<T>): Promise<T> {
  const logFile = path.join(options.logDir, 'stub.log');
  const stub = await startProgram({ file: 'packages/bench/stub', environment: {}, logFile, build: options.build });
  const providerUrl = `http://127.0.0.1:${stub.port}`;
  const screens = await openScreens(options.redisUrl, stores);
  const markPaid = async () => void (await (await fetch(`${providerUrl}/paid`, { method: 'POST' })).text());
  try {
    return await work({ ...options, providerUrl, screens, markPaid });
  } finally {
    screens.close();
    await stub.stop();
  }
}

async function withProduct<T>(context: BenchServers, work: (system: System) => Promise<T>): Promise<T> {
  const system = await startSystem('product', context);
  try {
    return await work(system);
  } finally {
    await system.stop();
  }
}
