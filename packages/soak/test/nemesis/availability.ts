import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { serverUrls } from '@gateway/shared/runtime';
import type { Installation, Program, Route } from './installation.ts';

/**
 * What a create needs, whatever the product does: a process of each kind that lives, the primary, and the ways between them. Redis is
 * not among it, because the product makes QRs without it, and neither is a provider that fails, because there are two.
 */
type Part =
  | 'an api'
  | 'a worker'
  | 'the primary, as the api reaches it'
  | 'the primary, as the worker reaches it'
  | 'the way to the providers';

/** How long the faults left a part of the installation that could make a QR. It is found out beside the product, without its own health. */
export interface Availability {
  /** For how many milliseconds so far nothing was missing: no installation could have made a QR in the others. */
  readonly servableMs: number;
  /** For how many milliseconds so far each part was missing. */
  readonly missingMs: ReadonlyMap<Part, number>;
  /** The installation is being stopped: nothing is served any more. */
  readonly isClosed: boolean;
  close(): Promise<void>;
}

const everyMs = 250;
const limitMs = 1_000; // what does not answer for so long is missing

/** Asks every part again and again. */
export function watchAvailability({ stack, postgres, proxies }: Installation): Availability {
  const databases = { api: throughProxies('the api and PostgreSQL'), worker: throughProxies('the worker and PostgreSQL') };
  const missingMs = new Map<Part, number>();
  let servableMs = 0;
  let isClosing = false;

  /** The database behind the proxies of a route, over connections of its own. */
  function throughProxies(route: Route): Database {
    const url = serverUrls(postgres.url).reduce(
      (text, { port }, n) => text.replace(`:${port}`, `:${proxies[route][n]?.port}`),
      postgres.url,
    );
    const limits = { connectionTimeoutMillis: limitMs, query_timeout: limitMs, statement_timeout: limitMs };
    return connectDatabase(url, { name: 'availability', max: 1, limits });
  }

  const checks: Readonly<Record<Part, () => Promise<unknown>>> = {
    'an api': () => oneLives('api'),
    'a worker': () => oneLives('worker'),
    'the primary, as the api reaches it': () => commits(databases.api),
    'the primary, as the worker reaches it': () => commits(databases.worker),
    'the way to the providers': () => answers(`http://127.0.0.1:${proxies['the worker and the providers'][0]?.port}/`),
  };

  async function oneLives(program: Program): Promise<void> {
    const { metrics } = JSON.parse(readFileSync(path.join(stack.dataDir, 'stack.json'), 'utf8')) as { metrics: Record<Program, string[]> };
    await Promise.any(metrics[program].map((url) => answers(`${url}/health/live`)));
  }

  async function watch(): Promise<void> {
    for (let since = performance.now(); !isClosing; await sleep(everyMs)) {
      const missing = await Promise.all(
        (Object.keys(checks) as Part[]).map((part) =>
          checks[part]().then(
            () => [],
            () => [part],
          ),
        ),
      );
      const ms = performance.now() - since;
      since += ms;
      for (const part of missing.flat()) missingMs.set(part, (missingMs.get(part) ?? 0) + ms);
      if (missing.flat().length === 0) servableMs += ms;
    }
  }

  const watching = watch();
  return {
    get servableMs() {
      return servableMs;
    },
    missingMs,
    get isClosed() {
      return isClosing;
    },
    close: async () => {
      isClosing = true;
      await watching;
      await Promise.all([databases.api.close(), databases.worker.close()]);
    },
  };
}

/** A commit, which waits for the synchronous standby as a payment's does. */
const commits = ({ pool }: Database): Promise<unknown> => pool.query('select pg_current_xact_id()');

async function answers(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
  await answer.arrayBuffer();
}
