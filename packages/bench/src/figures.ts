import path from 'node:path';
import { fetch } from 'undici';
import { stores } from './databases.ts';
import { type Counts, countOneTill, type OneTill, timeOneTill } from './one-till.ts';
import { type Build, startProgram } from './program.ts';
import { measureRelay, type RelayFigures } from './relay-figures.ts';
import { openScreens } from './screens.ts';
import { type BenchServers, type System, startSystem } from './systems.ts';

interface CountOptions {
  build: Build;
  redisUrl: string;
  databaseUrl: string;
  logDir: string;
  counted: Parameters<typeof countOneTill>[1];
}

export interface FiguresOptions extends CountOptions {
  /** How many payments are timed. */
  timed: number;
  relay: Parameters<typeof measureRelay>[1];
  print: (line: string) => void;
}

export interface FiguresResult {
  oneTill: OneTill;
  relay: RelayFigures;
  counts: Counts;
}

/** What one payment takes and asks when it is alone, and how fast events go out. Of the product only. */
export function takeFigures({ timed, counted, relay, print, ...options }: FiguresOptions): Promise<FiguresResult> {
  return withSystem(options, async (context) => {
    const timedFigures = await withProduct(context, async (system) => {
      print('one till…');
      const oneTill = await timeOneTill(system, context, timed);
      print('the relay…');
      return { oneTill, relay: await measureRelay(context, relay) };
    });
    print('counting…');
    return { ...timedFigures, counts: await countOneTill(context, counted) };
  });
}

/** The counts alone. */
export function countOnly({ counted, ...options }: CountOptions): Promise<Counts> {
  return withSystem(options, (context) => countOneTill(context, counted));
}

type MeasureContext = Parameters<typeof countOneTill>[0];

/** The provider, and the screens. */
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
