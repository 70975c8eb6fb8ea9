import { eventually } from '../../../../testing/eventually.ts';
import type { AttemptLine, Books } from './books.ts';
import { besideFirst, msOf, quantile, readBooks } from './books.ts';
import { firstShareMs, type HeardNews, scale, type Visit, type Ward } from './ward.ts';

/** What was seen of one sickness. */
export interface Seen {
  ward: Ward;
  /** Before it, and during it. */
  healthy: Visit[];
  visits: Visit[];
  books: Books;
  /** Of the first provider's breakers. */
  news: HeardNews[];
}

/** A promise, and whether it was kept. */
export type Promised = [what: string, kept: boolean];

export interface Sickness {
  name: string;
  outlets?: readonly string[];
  befall(ward: Ward): Promise<unknown>;
  /** While it lasts. @returns how to stop */
  meanwhile?(ward: Ward): () => void;
  /** Every till has a QR. Not so when both are sick, or workers die: then an honest answer will do. */
  everyoneServed?: false;
  promises(seen: Seen): Promised[];
}

const create =
  (fault: string, more: object = {}) =>
  (ward: Ward) =>
    ward.house.simulator.fault(ward.first, { operation: 'create', fault, times: null, ...more });

const isCall = ({ reason }: AttemptLine): boolean => reason !== 'breaker_open' && reason !== 'busy';
const callsOf = ({ books, ward }: Seen, of: 'first' | 'second'): AttemptLine[] =>
  books.attempts.filter((attempt) => attempt.provider === ward[of] && isCall(attempt));

/** When every worker knew that it was out; never: no time. */
const openedAt = ({ news }: Seen): number => {
  const first = news.find(({ opened }) => opened);
  return first ? first.at + 250 : Number.POSITIVE_INFINITY;
};
const after = (seen: Seen): Visit[] => seen.visits.filter(({ startedAt }) => startedAt > openedAt(seen));

/** One try for each worker in each window, once it is open. */
function fewTries(seen: Seen): Promised {
  const opened = openedAt(seen);
  const tries = callsOf(seen, 'first').filter(({ startedAt }) => startedAt.getTime() > opened).length;
  const last = Math.max(...seen.visits.map(({ startedAt }) => startedAt));
  const windows = Math.ceil(Math.max(0, last - opened) / scale.restMs);
  return [`${tries} tries in ${windows} windows`, tries <= windows * scale.workers];
}

/** What a till waits in health is this machine's, whatever befalls a provider. */
const healthyMs = ({ healthy }: Seen): number => quantile(msOf(healthy), 0.99);

function quickOnceOpen(seen: Seen): Promised {
  const p99 = quantile(msOf(after(seen)), 0.99);
  return [`p99 ${p99} ms once open`, p99 <= Math.max(150, healthyMs(seen)) + (scale.isFull ? 0 : scale.slackMs)];
}

/** @param delayMs when the second provider is asked beside the first */
function quickBesideFirst(seen: Seen, delayMs = scale.hedgeMs): Promised[] {
  const beside = besideFirst(seen.visits, seen.books, Math.min(firstShareMs * 0.9, delayMs + 400)); // later ones had no budget
  const p99 = quantile(msOf(beside), 0.99);
  const slowest = Math.round(Math.max(...msOf(seen.visits)));
  return [
    [`${beside.length} hedged, p99 ${p99} ms`, p99 <= delayMs + Math.max(scale.slackMs, healthyMs(seen))],
    [`slowest ${slowest} ms`, slowest <= firstShareMs + delayMs + Math.max(scale.slackMs, healthyMs(seen))],
  ];
}

const all: readonly Sickness[] = [
  {
    name: 'none',
    befall: async () => {},
    promises: ({ books, visits }) => {
      const perQr = books.charges.length / visits.length;
      // Beside other tests an answer may take longer than the short hedge delay: then the budget is what holds.
      const most = scale.isFull ? 1.02 : 1 + (books.askedLately * 0.1 + scale.workers) / visits.length;
      return [[`${perQr.toFixed(3)} creates per QR`, perQr <= most]];
    },
  },
  {
    name: 'refuses connections',
    befall: create('refuse'),
    promises: (seen) => {
      const added = quantile(msOf(after(seen)), 0.5) - quantile(msOf(seen.healthy), 0.5);
      return [fewTries(seen), [`added p50 ${added} ms once open`, added <= 5 + (scale.isFull ? 0 : scale.slackMs)]];
    },
  },
  { name: 'hangs', befall: create('hang'), promises: (seen) => [...quickBesideFirst(seen), quickOnceOpen(seen), fewTries(seen)] },
  {
    name: 'hangs after creating',
    befall: create('hang_after_effect'),
    promises: (seen) => [...quickBesideFirst(seen), quickOnceOpen(seen)],
  },
  { name: 'resets after creating', befall: create('reset_after_effect'), promises: (seen) => [quickOnceOpen(seen)] },
  {
    name: '500 on half the calls',
    befall: create('http_500', { probability: 0.5 }),
    promises: ({ news }) => {
      const opened = news.filter((each) => each.opened);
      const ends = (of: string) => opened.flatMap(({ by, until }) => (by === of ? [Date.parse(until ?? '')] : []));
      const isSteady = (times: number[]) => times.every((time, n) => n === 0 || time - (times[n - 1] as number) >= scale.restMs);
      return [[`opened ${opened.length} times`, opened.every(({ by }) => isSteady(ends(by)))]];
    },
  },
  {
    name: `${scale.slowMs / 1_000} s answers`,
    befall: create('slow', { delay_ms: scale.slowMs }),
    promises: (seen) => {
      const [first, second] = [callsOf(seen, 'first').length, callsOf(seen, 'second').length];
      // It is given more time as it becomes slow: its recent p95, 5 s at most.
      return [
        ...quickBesideFirst(seen, scale.isFull ? 5_000 : scale.hedgeMs),
        [`${second} of ${first} to the other`, second <= seen.books.askedLately * 0.1 + scale.workers],
      ];
    },
  },
  {
    name: 'rate limited',
    befall: create('rate_limited', { delay_ms: scale.awayMs }),
    promises: (seen) => {
      const opened = openedAt(seen);
      const early = callsOf(seen, 'first').filter(
        ({ startedAt }) => startedAt.getTime() > opened && startedAt.getTime() < opened + scale.awayMs - 500,
      );
      return [[`${early.length} calls while asked to stay away`, early.length === 0], quickOnceOpen(seen)];
    },
  },
  {
    name: "one account's key revoked",
    outlets: ['JKT-01', 'BDG-01'],
    befall: async (ward) => {
      await ward.house.pos.query(`insert into gateway.store_settings (store_id, accounts, updated_at) values ('JKT-01', $1, now())`, [
        JSON.stringify({ [ward.first]: 'jkt' }),
      ]);
      await eventually(async () => {
        const books = await readBooks(ward, await ward.serve(10)); // every worker knows
        return books.attempts.every(({ account }) => account === 'jkt');
      });
      await create('unauthorized', { account: 'jkt' })(ward);
    },
    promises: ({ ward, books, news }) => {
      const shown = books.attempts.filter(({ isShown }) => isShown);
      const others = shown.filter(({ provider, account }) => provider === ward.first && account === 'default').length;
      return [
        [`${shown.length - others} failed over, ${others} did not`, others > 0 && shown.length > others],
        ['breakers stay closed', news.length === 0],
        ['operator told', ward.toldOperator(/refuses our credentials/)],
      ];
    },
  },
  {
    name: 'wrong amount in the QR',
    befall: create('wrong_amount_qr'),
    promises: ({ ward, books, visits }) => {
      const wrong = books.charges.filter(({ provider }) => provider === ward.first);
      const displayed = visits.filter(({ answer }) => wrong.some(({ qr_string }) => qr_string === answer.body.qr_string)).length;
      const noted = books.attempts.filter(({ reason }) => reason === 'qr_amount').length;
      return [
        [`${displayed} of ${wrong.length} displayed`, displayed === 0],
        [`${noted} noted`, noted === wrong.length],
      ];
    },
  },
  {
    name: 'both sick',
    everyoneServed: false,
    befall: ({ house }) => house.simulator.faultBoth({ operation: 'create', fault: 'hang', times: null }),
    promises: ({ visits }) => [
      ['honest 503 for all', visits.every(({ answer }) => answer.status === 503 && answer.body.code === 'providers_unavailable')],
      [`slowest ${Math.round(Math.max(...msOf(visits)))} ms`, Math.max(...msOf(visits)) <= 10_100],
    ],
  },
  {
    name: 'a worker killed every second',
    everyoneServed: false,
    befall: async () => {},
    meanwhile: ({ house }) => {
      let next = 0;
      const timer = setInterval(() => {
        const pids = house.pids('worker');
        const pid = pids[next++ % pids.length];
        if (pid) process.kill(pid, 'SIGKILL');
      }, 1_000);
      return () => clearInterval(timer);
    },
    promises: ({ visits }) => {
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
export const sicknesses = all.filter(({ name }) => {
  const wanted = process.env.SOAK_ROWS?.split(',') ?? [''];
  return wanted.some((word) => name.includes(word));
});
