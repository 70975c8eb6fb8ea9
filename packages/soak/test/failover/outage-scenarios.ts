import { eventually } from '@gateway/testing/eventually';
import { type ObservedUpdate, type OutageRun, primaryShareMs, scale, type Visit } from './outage-run.ts';
import type { AttemptRow, RunRecords } from './run-records.ts';
import { hedgedVisits, msOf, quantile, readRecords } from './run-records.ts';

/** What was seen of one sickness. */
export interface Observation {
  run: OutageRun;
  /** Before it, and during it. */
  healthy: Visit[];
  visits: Visit[];
  records: RunRecords;
  /** Of the first provider's breakers. */
  breakerUpdates: ObservedUpdate[];
}

/** A promise, and whether it was kept. */
export type Guarantee = [what: string, isKept: boolean];

export interface OutageScenario {
  name: string;
  outlets?: readonly string[];
  injectFault(run: OutageRun): Promise<unknown>;
  /** While it lasts. @returns how to stop */
  meanwhile?(run: OutageRun): () => void;
  /** Every till has a QR. Not so when both are sick, or workers die: then an honest answer will do. */
  mustServeAll?: false;
  guarantees(observed: Observation): Guarantee[];
}

const createFault =
  (fault: string, more: object = {}) =>
  (run: OutageRun) =>
    run.stack.simulator.fault(run.first, { operation: 'create', fault, times: null, ...more });

const isCall = ({ reason }: AttemptRow): boolean => reason !== 'breaker_open' && reason !== 'busy';
const callsOf = ({ records, run }: Observation, of: 'first' | 'second'): AttemptRow[] =>
  records.attempts.filter((attempt) => attempt.provider === run[of] && isCall(attempt));

/** When every worker knew that it was out; never: no time. */
const openedAt = ({ breakerUpdates }: Observation): number => {
  const first = breakerUpdates.find(({ opened }) => opened);
  return first ? first.at + 250 : Number.POSITIVE_INFINITY;
};
const visitsOnceOpen = (observed: Observation): Visit[] => observed.visits.filter(({ startedAt }) => startedAt > openedAt(observed));

/** One try for each worker in each window, once it is open. */
function boundedProbes(observed: Observation): Guarantee {
  const opened = openedAt(observed);
  const tries = callsOf(observed, 'first').filter(({ startedAt }) => startedAt.getTime() > opened).length;
  const last = Math.max(...observed.visits.map(({ startedAt }) => startedAt));
  const windows = Math.ceil(Math.max(0, last - opened) / scale.resetTimeoutMs);
  return [`${tries} tries in ${windows} windows`, tries <= windows * scale.workers];
}

/** What a till waits in health is this machine's, whatever befalls a provider. */
const healthyMs = ({ healthy }: Observation): number => quantile(msOf(healthy), 0.99);

function fastOnceOpen(observed: Observation): Guarantee {
  const p99 = quantile(msOf(visitsOnceOpen(observed)), 0.99);
  return [`p99 ${p99} ms once open`, p99 <= Math.max(150, healthyMs(observed)) + (scale.isFull ? 0 : scale.slackMs)];
}

/** @param delayMs when the second provider is asked beside the first */
function fastWhenHedged(observed: Observation, delayMs = scale.hedgeMs): Guarantee[] {
  const hedged = hedgedVisits(observed.visits, observed.records, Math.min(primaryShareMs * 0.9, delayMs + 400)); // later ones had no budget
  const p99 = quantile(msOf(hedged), 0.99);
  const slowest = Math.round(Math.max(...msOf(observed.visits)));
  return [
    [`${hedged.length} hedged, p99 ${p99} ms`, p99 <= delayMs + Math.max(scale.slackMs, healthyMs(observed))],
    [`slowest ${slowest} ms`, slowest <= primaryShareMs + delayMs + Math.max(scale.slackMs, healthyMs(observed))],
  ];
}

const allScenarios: readonly OutageScenario[] = [
  {
    name: 'none',
    injectFault: async () => {},
    guarantees: ({ records, visits }) => {
      const perQr = records.charges.length / visits.length;
      // Beside other tests an answer may take longer than the short hedge delay: then the budget is what holds.
      const limit = scale.isFull ? 1.02 : 1 + (records.recentRequests * 0.1 + scale.workers) / visits.length;
      return [[`${perQr.toFixed(3)} creates per QR`, perQr <= limit]];
    },
  },
  {
    name: 'refuses connections',
    injectFault: createFault('refuse'),
    guarantees: (observed) => {
      const added = quantile(msOf(visitsOnceOpen(observed)), 0.5) - quantile(msOf(observed.healthy), 0.5);
      return [boundedProbes(observed), [`added p50 ${added} ms once open`, added <= 5 + (scale.isFull ? 0 : scale.slackMs)]];
    },
  },
  {
    name: 'hangs',
    injectFault: createFault('hang'),
    guarantees: (observed) => [...fastWhenHedged(observed), fastOnceOpen(observed), boundedProbes(observed)],
  },
  {
    name: 'hangs after creating',
    injectFault: createFault('hang_after_effect'),
    guarantees: (observed) => [...fastWhenHedged(observed), fastOnceOpen(observed)],
  },
  { name: 'resets after creating', injectFault: createFault('reset_after_effect'), guarantees: (observed) => [fastOnceOpen(observed)] },
  {
    name: '500 on half the calls',
    injectFault: createFault('http_500', { probability: 0.5 }),
    guarantees: ({ breakerUpdates }) => {
      const opened = breakerUpdates.filter((each) => each.opened);
      const ends = (of: string) => opened.flatMap(({ by, until }) => (by === of ? [until?.getTime() ?? Number.NaN] : []));
      const isSteady = (times: number[]) => times.every((time, n) => n === 0 || time - (times[n - 1] as number) >= scale.resetTimeoutMs);
      return [[`opened ${opened.length} times`, opened.every(({ by }) => isSteady(ends(by)))]];
    },
  },
  {
    name: `${scale.slowMs / 1_000} s answers`,
    injectFault: createFault('slow', { delay_ms: scale.slowMs }),
    guarantees: (observed) => {
      const [first, second] = [callsOf(observed, 'first').length, callsOf(observed, 'second').length];
      // It is given more time as it becomes slow: its recent p95, 5 s at most.
      return [
        ...fastWhenHedged(observed, scale.isFull ? 5_000 : scale.hedgeMs),
        [`${second} of ${first} to the other`, second <= observed.records.recentRequests * 0.1 + scale.workers],
      ];
    },
  },
  {
    name: 'rate limited',
    injectFault: createFault('rate_limited', { delay_ms: scale.retryAfterMs }),
    guarantees: (observed) => {
      const opened = openedAt(observed);
      const early = callsOf(observed, 'first').filter(
        ({ startedAt }) => startedAt.getTime() > opened && startedAt.getTime() < opened + scale.retryAfterMs - 500,
      );
      return [[`${early.length} calls while asked to stay away`, early.length === 0], fastOnceOpen(observed)];
    },
  },
  {
    name: "one account's key revoked",
    outlets: ['JKT-01', 'BDG-01'],
    injectFault: async (run) => {
      await run.stack.pos.query(`insert into gateway.store_settings (store_id, accounts, updated_at) values ('JKT-01', $1, now())`, [
        JSON.stringify({ [run.first]: 'jkt' }),
      ]);
      await eventually(async () => {
        const records = await readRecords(run, await run.takeOrders(10)); // every worker knows
        return records.attempts.every(({ account }) => account === 'jkt');
      });
      await createFault('unauthorized', { account: 'jkt' })(run);
    },
    guarantees: ({ run, records, breakerUpdates }) => {
      const shown = records.attempts.filter(({ isShown }) => isShown);
      const stillServed = shown.filter(({ provider, account }) => provider === run.first && account === 'default').length;
      return [
        [`${shown.length - stillServed} failed over, ${stillServed} did not`, stillServed > 0 && shown.length > stillServed],
        ['breakers stay closed', breakerUpdates.length === 0],
        ['operator told', run.loggedForOperator(/provider rejects the credentials/)],
      ];
    },
  },
  {
    name: 'wrong amount in the QR',
    injectFault: createFault('wrong_amount_qr'),
    guarantees: ({ run, records, visits }) => {
      const wrong = records.charges.filter(({ provider }) => provider === run.first);
      const displayed = visits.filter(({ answer }) => wrong.some(({ qr_string }) => qr_string === answer.body.qr_string)).length;
      const recorded = records.attempts.filter(({ reason }) => reason === 'qr_amount').length;
      return [
        [`${displayed} of ${wrong.length} displayed`, displayed === 0],
        [`${recorded} noted`, recorded === wrong.length],
      ];
    },
  },
  {
    name: 'both sick',
    mustServeAll: false,
    injectFault: ({ stack }) => stack.simulator.faultBoth({ operation: 'create', fault: 'hang', times: null }),
    guarantees: ({ visits }) => [
      ['honest 503 for all', visits.every(({ answer }) => answer.status === 503 && answer.body.code === 'providers_unavailable')],
      [`slowest ${Math.round(Math.max(...msOf(visits)))} ms`, Math.max(...msOf(visits)) <= 10_100],
    ],
  },
  {
    name: 'a worker killed every second',
    mustServeAll: false,
    injectFault: async () => {},
    meanwhile: ({ stack }) => {
      let next = 0;
      const timer = setInterval(() => {
        const pids = stack.pids('worker');
        const pid = pids[next++ % pids.length];
        if (pid) process.kill(pid, 'SIGKILL');
      }, 1_000);
      return () => clearInterval(timer);
    },
    guarantees: ({ visits }) => {
      const served = visits.filter(({ answer }) => answer.status === 201).length;
      const honest = visits.filter(({ answer: { status } }) => status === 202 || status === 503).length;
      return [
        [`${served} QRs, ${honest} honest 202 or 503`, served + honest === visits.length],
        [`slowest ${Math.round(Math.max(...msOf(visits)))} ms`, Math.max(...msOf(visits)) <= 10_100],
      ];
    },
  },
];

/** Of which `SOAK_ROWS` (words of their names, with commas between) may choose some. */
export const outageScenarios = allScenarios.filter(({ name }) => {
  const wanted = process.env.SOAK_ROWS?.split(',') ?? [''];
  return wanted.some((word) => name.includes(word));
});
