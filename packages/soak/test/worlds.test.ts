import type { Deps } from '@gateway/worker/src/deps.ts';
import type { Candidate } from '@gateway/worker/src/providers/accounts.ts';
import { runInProcesses } from './worlds/many-processes.ts';
import { type Lanes, openLanes } from './worlds/run-worlds.ts';
import { report, shrink } from './worlds/shrink.ts';

/** `npm run soak:worlds -- --worlds=1000000 --seed=1 --processes=2`, or `--only=SEED` for one world and its story */
const { SOAK_WORLDS, SOAK_SEED, SOAK_PROCESSES, SOAK_ONLY } = process.env;
const firstSeed = Number(SOAK_SEED ?? 1);
const count = Number(SOAK_WORLDS ?? 2_000);
const processes = Number(SOAK_PROCESSES ?? 2);

let lanes: Lanes;
beforeAll(async () => {
  lanes = await openLanes(2);
});
afterAll(() => lanes?.close());
jest.setTimeout(300_000); // a machine that is busy with other work takes many times as long

const seedsFrom = (first: number, length: number): number[] => Array.from({ length }, (_, n) => first + n);

if (SOAK_ONLY) {
  it(`world ${SOAK_ONLY} breaks no rule`, async () => {
    const result = await lanes.run({ seed: Number(SOAK_ONLY) });
    console.log([...result.trace, '', ...result.story].join('\n'));
    if (result.findings.length > 0) throw new Error(report(await shrink((options) => lanes.run(options), result)));
  });
} else {
  it(
    `${count} worlds break no rule: faults of providers, Redis and PostgreSQL, crashes, and people, in any order`,
    async () => {
      const started = performance.now();
      const { count: ran, reports } = await runInProcesses(processes, { from: firstSeed, count });
      const seconds = (performance.now() - started) / 1_000;
      if (SOAK_WORLDS) console.log(`${ran} worlds in ${seconds.toFixed(0)} s: ${(ran / seconds).toFixed(0)} a second`);
      expect(reports.join('\n\n')).toBe('');
      expect(ran).toBe(count);
    },
    count * 1_500, // a limit for a machine that is busy with other work: a world takes 15 ms
  );
}

if (!SOAK_ONLY && !SOAK_WORLDS) {
  it('a seed gives the same steps at the same times, in any lane', async () => {
    for (const seed of seedsFrom(firstSeed, 10)) {
      const [one, other] = await Promise.all([lanes.run({ seed }, 0), lanes.run({ seed }, 1)]);
      expect(other.trace).toEqual(one.trace);
      expect(other.story).toEqual(one.story);
    }
  });

  it('a planted fault is noticed within 200 worlds, and its story is shrunk to a few sentences', async () => {
    const faulty = await openLanes(2, neverCancels);
    try {
      const { failed } = await faulty.runAll(seedsFrom(1, 200), 1);
      const [first] = failed;
      if (!first) throw new Error('no world noticed that charges are never cancelled');
      const { result } = await shrink((options) => faulty.run(options), first);
      expect(result.findings.join('\n')).toMatch(/(could|can still) be paid at/);
      expect(result.disturbances.length).toBeLessThanOrEqual(4);
      expect(result.disturbances.length).toBeLessThanOrEqual(first.disturbances.length);
    } finally {
      await faulty.close();
    }
  });
}

/** A worker that takes a charge for cancelled without asking the provider to cancel it. */
function neverCancels(deps: Deps): Deps {
  const withoutCancel = (candidate: Candidate): Candidate => {
    const { provider } = candidate;
    const cancelCharge: typeof provider.cancelCharge = async (key, signal) => {
      const charge = await provider.findCharge(key, signal);
      return charge?.status === 'open' ? { ...charge, status: 'cancelled' } : charge;
    };
    return {
      ...candidate,
      provider: new Proxy(provider, {
        get: (target, name) => (name === 'cancelCharge' || name === 'expireCharge' ? cancelCharge : bound(target, name)),
      }),
    };
  };
  const { accounts } = deps;
  return {
    ...deps,
    accounts: {
      find: (provider, account) => {
        const candidate = accounts.find(provider, account);
        return candidate && withoutCancel(candidate);
      },
      of: (attempt) => withoutCancel(accounts.of(attempt)),
    },
  };
}

const bound = (target: object, name: string | symbol): unknown => {
  const value = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
};
