import { eventually } from '@gateway/testing/eventually';
import { type ObservedUpdate, type OutageRun, primaryShareMs, scale, type Visit } from './outage-run.ts';
import type { AttemptRow, RunRecords } from './run-records.ts';
import { hedgedVisits, msOf, quantile, readRecords } from './run-records.ts';

/** What was observed of one outage. */
export interface Observation {
  run: OutageRun;
  /** Before the outage. */
  healthy: Visit[];
  /** During the outage. */
  visits: Visit[];
  records: RunRecords;
  /** Updates of the first provider's breakers. */
  breakerUpdates: ObservedUpdate[];
}

/** A guarantee with its measured value, and whether it is kept. */
export type Guarantee = [what: string, isKept: boolean];

/** One outage: how it is caused, and what must hold during it. */
export interface OutageScenario {
  name: string;
  outlets?: readonly string[];
  injectFault(run: OutageRun): Promise<unknown>;
  /** Runs while orders are taken. @returns a function that stops it */
  meanwhile?(run: OutageRun): () => void;
  /** False when both providers fail or workers are killed: then a 202 or 503 is a correct answer too. Default: every till gets a QR. */
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

/** When every worker knew that the breaker is open; infinite when it never opened. */
const openedAt = ({ breakerUpdates }: Observation): number => {
  const first = breakerUpdates.find(({ opened }) => opened);
  return first ? first.at + 250 : Number.POSITIVE_INFINITY;
};
const visitsOnceOpen = (observed: Observation): Visit[] => observed.visits.filter(({ startedAt }) => startedAt > openedAt(observed));

/** Once the breaker is open, each worker sends one probe in each reset timeout at most. */
function boundedProbes(observed: Observation): Guarantee {
  const opened = openedAt(observed);
  const probes = callsOf(observed, 'first').flatMap(({ startedAt }) => (startedAt.getTime() > opened ? startedAt.getTime() : []));
  const last = Math.max(...observed.visits.map(({ startedAt }) => startedAt), ...probes); // a visit may ask a provider long after its start
  const windows = Math.ceil(Math.max(0, last - opened) / scale.resetTimeoutMs);
  return [`${probes.length} probes in ${windows} windows`, probes.length <= windows * scale.workers];
}

/** How long a till waits without an outage, which depends on this machine. */
const healthyMs = ({ healthy }: Observation): number => quantile(msOf(healthy), 0.99);

function fastOnceOpen(observed: Observation): Guarantee {
  const p99 = quantile(msOf(visitsOnceOpen(observed)), 0.99);
  return [`p99 ${p99} ms once open`, p99 <= Math.max(150, healthyMs(observed)) + (scale.isFull ? 0 : scale.slackMs)];
}

/** @param delayMs the hedge delay: when the second provider is asked too */
function fastWhenHedged(observed: Observation, delayMs = scale.hedgeMs): Guarantee[] {
  const hedged = hedgedVisits(observed.visits, observed.records, Math.min(primaryShareMs * 0.9, delayMs + 400)); // a later second attempt is failover, not a hedged request
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
      // While other tests run, answers may take longer than the short hedge delay. Then the hedge budget is the limit.
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
      // The hedge delay follows the provider's recent p95, 5 s at most.
      return [
        ...fastWhenHedged(observed, scale.isFull ? 5_000 : scale.hedgeMs),
        [`${second} of ${first} hedged`, second <= observed.records.recentRequests * 0.1 + scale.workers],
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
      return [[`${early.length} calls before Retry-After`, early.length === 0], fastOnceOpen(observed)];
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
        const records = await readRecords(run, await run.takeOrders(10)); // until every worker uses the new account
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
        ['operator informed', run.loggedForOperator(/provider rejects the credentials/)],
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
        [`${recorded} recorded`, recorded === wrong.length],
      ];
    },
  },
  {
    name: 'both providers hang',
    mustServeAll: false,
    injectFault: ({ stack }) => stack.simulator.faultBoth({ operation: 'create', fault: 'hang', times: null }),
    guarantees: ({ visits }) => [
      ['503 for all', visits.every(({ answer }) => answer.status === 503 && answer.body.code === 'providers_unavailable')],
      [`slowest ${Math.round(Math.max(...msOf(visits)))} ms`, !scale.isFull || Math.max(...msOf(visits)) <= 10_100],
    ],
  },
  {
    name: 'a worker killed every second',
    mustServeAll: false,
    injectFault: async () => {},
    meanwhile: ({ stack }) => {
      let next = 0;
      const killOne = () => {
        const pids = stack.pids('worker');
        const pid = pids[next++ % pids.length];
        if (pid) process.kill(pid, 'SIGKILL');
      };
      killOne(); // few orders take less than a second
      const timer = setInterval(killOne, 1_000);
      return () => clearInterval(timer);
    },
    guarantees: ({ visits }) => {
      const served = visits.filter(({ answer }) => answer.status === 201).length;
      const unserved = visits.filter(({ answer: { status } }) => status === 202 || status === 503).length;
      return [
        [`${served} QRs, ${unserved} times 202 or 503`, served + unserved === visits.length],
        [`slowest ${Math.round(Math.max(...msOf(visits)))} ms`, !scale.isFull || Math.max(...msOf(visits)) <= 10_100],
      ];
    },
  },
];

/** All scenarios, or those whose names contain one of the words in `SOAK_ROWS` (separated by commas). */
export const outageScenarios = allScenarios.filter(({ name }) => {
  const words = process.env.SOAK_ROWS?.split(',') ?? [''];
  return words.some((word) => name.includes(word));
});
