import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { openLoad } from './load.ts';
import { type Times, timesOf } from './percentiles.ts';
import type { System } from './systems.ts';
import { type Cpu, cpuBetween, cpuOf } from './usage.ts';

/** What the operators' console costs a till, in rounds with and without readers of its pages. */
export interface ConsoleFigures {
  without: ConsoleRound[];
  with: ConsoleRound[];
}

/** One till creates payments while persons read pages. */
export interface ConsoleRound {
  create: Times;
  /** The pages that were answered; none in a round without readers. */
  pages: Times;
  /** How many requests were refused with 429 or 503: the console has a share of each process and of the connections. */
  refused: number;
  cpuSeconds: Cpu;
}

export interface ConsoleOptions {
  /** Requests of all readers together. They are signed in, and come from as many addresses as the limit by address needs. */
  perSecond: number;
  seconds: number;
  rounds: number;
}

interface Context {
  system: System;
  pids: { postgres: number; redis: number };
  print: (line: string) => void;
}

/** The person of OPERATOR_USERS whom the readers are. */
export const reader = { name: 'reader', password: 'a password of the benchmark' };

const tillPauseMs = 20;
const addresses = 20; // of 10 requests a second each, which one address may make

/** Measures the running product. The two kinds of rounds alternate, so that other load on this machine meets both. */
export async function measureConsole(context: Context, options: ConsoleOptions): Promise<ConsoleFigures> {
  const readers = await openReaders(context.system.target.url);
  const figures: ConsoleFigures = { with: [], without: [] };
  try {
    await runRound(context, readers, { ...options, seconds: 2 }); // warm-up
    for (let n = 0; n < 2 * options.rounds; n++) {
      const kind = (n + (n >> 1)) % 2 === 0 ? 'without' : 'with'; // A B B A: neither kind is always the later one
      const round = await runRound(context, kind === 'with' ? readers : null, options);
      figures[kind].push(round);
      context.print(`${kind.padEnd(7)} ${inShort(round)}`);
    }
    return figures;
  } finally {
    await readers.close();
  }
}

async function runRound({ system, pids }: Context, readers: Readers | null, { perSecond, seconds }: ConsoleOptions): Promise<ConsoleRound> {
  const till = openLoad(system.target, 1);
  const orders = await system.placeOrders(Math.ceil((seconds * 1_000) / tillPauseMs));
  const first = await till.create(orders.pop() as string); // of which the readers open the page
  const createMs: number[] = [];
  const before = cpuOf(system, pids);
  const ownBefore = process.cpuUsage();
  const reading = readers?.read(first.made.paymentId, { perSecond, seconds });
  const ends = performance.now() + seconds * 1_000;
  while (performance.now() < ends) {
    createMs.push((await till.create(orders.pop() as string)).ms);
    await delay(tillPauseMs);
  }
  const read = (await reading) ?? { pageMs: [], refused: 0 };
  await till.close();
  const own = process.cpuUsage(ownBefore); // the till and the readers
  const cpuSeconds = { ...cpuBetween(before, cpuOf(system, pids)), load: (own.user + own.system) / 1e6 };
  return { create: timesOf(createMs, seconds), pages: timesOf(read.pageMs, seconds), refused: read.refused, cpuSeconds };
}

interface Readers {
  /** Asks for pages in turns, at this rate, whatever the answers take. @throws when an answer is neither a page nor a refusal */
  read(paymentId: string, load: Pick<ConsoleOptions, 'perSecond' | 'seconds'>): Promise<{ pageMs: number[]; refused: number }>;
  close(): Promise<void>;
}

/** Signs a person in. The requests come through a proxy that the api trusts, from several addresses. */
async function openReaders(url: string): Promise<Readers> {
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  const cookie = await signIn(pool);
  const pathsOf = (paymentId: string) => [
    '',
    '/payments?q=A-0001',
    `/payments/${paymentId}`,
    '/refunds',
    '/discrepancies',
    '/payments',
    '/actions',
  ];

  return {
    read: async (paymentId, { perSecond, seconds }) => {
      const paths = pathsOf(paymentId);
      const pageMs: number[] = [];
      let refused = 0;
      const ask = async (n: number): Promise<void> => {
        const started = performance.now();
        const headers = { cookie, accept: 'text/html', 'x-forwarded-for': `10.1.0.${n % addresses}` };
        const { statusCode, body } = await pool.request({ method: 'GET', path: `/operator${paths[n % paths.length]}`, headers });
        const text = await body.text();
        if (statusCode === 429 || statusCode === 503) refused++;
        else if (statusCode === 200 && text.includes('Log out')) pageMs.push(performance.now() - started);
        else throw new Error(`/operator${paths[n % paths.length]}: ${statusCode} ${text.slice(0, 200)}`);
      };
      const started = performance.now();
      const asked: Promise<void>[] = [];
      for (let n = 0; n < perSecond * seconds; n++) {
        const wait = started + (n * 1_000) / perSecond - performance.now();
        if (wait > 1) await delay(wait);
        asked.push(ask(n));
      }
      await Promise.all(asked);
      return { pageMs, refused };
    },
    close: () => pool.close(),
  };
}

/** @returns the cookie of the session */
async function signIn(pool: Pool): Promise<string> {
  const cookies: string[] = [];
  const keep = (set: string | string[] | undefined) => cookies.push(...[set ?? []].flat().map((each) => each.split(';', 1)[0] as string));
  const page = await pool.request({ method: 'GET', path: '/operator/sign-in' });
  const csrf = /name="csrf" value="([^"]+)"/.exec(await page.body.text())?.[1] ?? '';
  keep(page.headers['set-cookie']);
  const form = new URLSearchParams({ csrf, username: reader.name, password: reader.password }).toString();
  const headers = { cookie: cookies.join('; '), 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const answer = await pool.request({ method: 'POST', path: '/operator/sign-in', headers, body: form });
  const text = await answer.body.text();
  if (answer.statusCode !== 303) throw new Error(`the reader was not signed in: ${answer.statusCode} ${text.slice(0, 200)}`);
  keep(answer.headers['set-cookie']);
  return cookies.join('; ');
}

const inShort = ({ create, pages, refused, cpuSeconds }: ConsoleRound): string => {
  const read = pages.count > 0 ? `pages ${pages.perSecond.toFixed(0)}/s p50 ${pages.p50.toFixed(1)} ms, refused ${refused}, ` : '';
  const cpu = Object.entries(cpuSeconds).map(([name, value]) => `${name} ${value?.toFixed(1)}`);
  return `create p50 ${create.p50.toFixed(1)} ms p99 ${create.p99.toFixed(1)} ms (${create.count}), ${read}CPU s ${cpu.join(' ')}`;
};
