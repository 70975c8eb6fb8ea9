import { eventually } from '@gateway/testing/eventually';
import type { Fault } from '@gateway/testing/stack/simulator-client';
import type { TcpProxy } from '@gateway/testing/tcp-proxy';
import type { Choices } from '../hostile/seeded.ts';
import { type Installation, type Program, processesOfEach, programs, routes } from './installation.ts';
import type { End, FaultKind, Target } from './plan.ts';

const seconds = (ms: number): string => `${Math.abs(ms / 1_000).toFixed(1)} s`;
const percent = (share: number): string => `${Math.round(share * 100)} %`;

const aProcess = (choices: Choices) => ({ program: choices.pick(programs), n: choices.below(processesOfEach) });
const nameOf = ({ program, n }: { program: Program; n: number }) => `${program} ${n + 1}`;

/** Sends a signal, unless all processes of the program are being started again. @returns the process */
function signal(installation: Installation, { program, n }: { program: Program; n: number }, name: NodeJS.Signals): number | undefined {
  const pid = installation.processOf(program, n);
  if (pid !== undefined) send(pid, name);
  return pid;
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // the process ended meanwhile
  }
}

const ofProcesses: readonly FaultKind[] = [
  {
    target: 'processes',
    share: 3,
    lastsMs: [0, 0],
    draw: (choices) => {
      const which = aProcess(choices);
      return { what: `${nameOf(which)} is killed`, begin: (installation) => void signal(installation, which, 'SIGKILL') };
    },
  },
  {
    target: 'processes',
    share: 2,
    lastsMs: [500, 15_000],
    draw: (choices) => {
      const which = aProcess(choices);
      return {
        what: `${nameOf(which)} stands still`,
        begin: (installation) => {
          const pid = signal(installation, which, 'SIGSTOP');
          return () => pid && send(pid, 'SIGCONT');
        },
      };
    },
  },
];

/** A fault without details. */
const plain = (
  target: Target,
  share: number,
  lastsMs: FaultKind['lastsMs'],
  what: string,
  begin: (installation: Installation) => Promise<End | undefined> | End | undefined,
): FaultKind => ({ target, share, lastsMs, draw: () => ({ what, begin }) });

/** After each fault of Redis its servers find together again, so that the next one meets a master and a replica. */
const ofRedis: readonly FaultKind[] = [
  plain('Redis', 3, [0, 0], 'the master is killed, every second time together with a sentinel', async ({ redis }) => {
    await redis.failOver();
    return undefined;
  }),
  plain('Redis', 2, [300, 4_000], 'the master stands still', async ({ redis }) => {
    const { server } = await redis.master();
    server.pause();
    return async () => {
      server.resume();
      await redis.recovered();
    };
  }),
  plain('Redis', 1, [0, 0], 'all data are flushed', async ({ redis }) => {
    await (await redis.master()).client.flushall();
    return undefined;
  }),
  plain('Redis', 2, [300, 5_000], 'the master is cut off from all others', async ({ redis }) => {
    const { proxy } = await redis.master();
    await proxy.disconnect();
    return async () => {
      await proxy.reconnect();
      await redis.recovered();
    };
  }),
  plain('Redis', 2, [300, 5_000], 'no packet reaches the master', async ({ redis }) => {
    const { proxy } = await redis.master();
    proxy.stall();
    return async () => {
      proxy.resume();
      await redis.recovered();
    };
  }),
  plain('Redis', 2, [500, 5_000], 'the disk of its append-only file is full', async ({ redis, disks }) => {
    const master = await redis.master();
    const disk = disks?.find(({ dir }) => dir === master.dir);
    disk?.fill();
    return async () => {
      disk?.free();
      await redis.recovered();
    };
  }),
];

const ofPostgres: readonly FaultKind[] = [
  plain('PostgreSQL', 3, [0, 0], 'the primary is killed and the standby promoted', async ({ postgres }) => {
    await postgres.failOver();
    return undefined;
  }),
  plain('PostgreSQL', 2, [0, 0], 'all sessions of the gateway are ended', async ({ pos }) => {
    const endAll =
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'gateway %' and pid <> pg_backend_pid()";
    await eventually(() => pos.pool.query(endAll)); // a busy machine may not connect at the first try
    return undefined;
  }),
];

/** What a proxy can do to a way. */
const cuts: readonly { what: string; begin(proxy: TcpProxy): Promise<End> | End }[] = [
  {
    what: 'is cut',
    begin: async (proxy) => {
      await proxy.disconnect();
      return () => proxy.reconnect();
    },
  },
  {
    what: 'loses every packet',
    begin: (proxy) => {
      proxy.stall();
      return () => proxy.resume();
    },
  },
  {
    what: 'breaks all connections twice',
    begin: (proxy) => {
      proxy.dropConnections();
      return () => proxy.dropConnections();
    },
  },
];

const ofNetwork: readonly FaultKind[] = [
  {
    target: 'network',
    share: 1,
    lastsMs: [300, 8_000],
    draw: (choices) => {
      const route = choices.pick(routes);
      const cut = choices.pick(cuts);
      return {
        what: `the way between ${route} ${cut.what}`,
        begin: async ({ proxies }) => {
          const ends = await Promise.all(proxies[route].map((proxy) => cut.begin(proxy)));
          return () => Promise.all(ends.map((end) => end()));
        },
      };
    },
  },
];

const ofClocks: readonly FaultKind[] = [
  {
    target: 'clocks',
    share: 3,
    lastsMs: [1_000, 15_000],
    draw: (choices) => {
      const which = aProcess(choices);
      const stepMs = (choices.chance(0.5) ? 1 : -1) * (500 + choices.below(choices.chance(0.5) ? 3_000 : 30_000));
      return {
        what: `the clock of ${nameOf(which)} is ${seconds(stepMs)} ${stepMs > 0 ? 'ahead' : 'behind'}`,
        begin: (installation) => {
          const pid = installation.processOf(which.program, which.n);
          if (pid === undefined) return undefined;
          installation.setClock(pid, stepMs);
          return () => installation.setClock(pid, 0);
        },
      };
    },
  },
  {
    target: 'clocks',
    share: 1,
    lastsMs: [0, 0],
    draw: (choices) => {
      const stepMs = 500 + choices.below(20_000);
      return {
        what: `the clock of the providers jumps ${seconds(stepMs)} forward`,
        begin: async ({ stack }) => {
          await stack.simulator.advance(stepMs);
          return undefined;
        },
      };
    },
  },
];

const providerFaults: readonly Pick<Fault, 'operation' | 'fault'>[] = [
  ...(['create', 'any'] as const).flatMap((operation) =>
    [
      ...['refuse', 'slow', 'slow_drip', 'hang', 'hang_after_effect', 'reset_after_effect', 'http_500', 'http_500_after_effect'],
      ...['http_502_html', 'truncated', 'rate_limited', 'unauthorized', 'rejected'],
    ].map((fault) => ({ operation, fault })),
  ),
  ...['duplicate', 'wrong_amount_qr', 'no_qr'].map((fault) => ({ operation: 'create' as const, fault })),
  ...['lag', 'slow', 'hang', 'http_500', 'truncated'].map((fault) => ({ operation: 'status' as const, fault })),
  ...['hang_after_effect', 'http_500'].flatMap((fault) => (['cancel', 'refund'] as const).map((operation) => ({ operation, fault }))),
];

const ofProvider = (target: 'Midtrans' | 'Xendit', provider: 'midtrans' | 'xendit'): FaultKind => ({
  target,
  share: 1,
  lastsMs: [1_000, 12_000],
  draw: (choices) => {
    const { operation, fault } = choices.pick(providerFaults);
    const probability = [0.3, 0.7, 1][choices.below(3)] as number;
    const delayMs = 500 + choices.below(4_000);
    return {
      what: `${percent(probability)} of its calls (${operation}) fail with ${fault}, ${seconds(delayMs)}`,
      begin: async ({ stack }) => {
        await stack.simulator.fault(provider, { operation, fault, probability, delay_ms: delayMs, times: null });
        return () => stack.simulator.clearFaults(provider);
      },
    };
  },
});

const ofWebhooks: readonly FaultKind[] = [
  {
    target: 'webhooks',
    share: 1,
    lastsMs: [2_000, 15_000],
    draw: (choices) => {
      const share = () => choices.below(7) / 10;
      const rules = {
        drop: share(),
        duplicate: share(),
        delay_ms: [0, choices.below(5_000)] as [number, number],
        shuffle: choices.chance(0.5),
        bad_signature: share() / 2,
        seed: choices.below(1_000),
      };
      return {
        what: `${percent(rules.drop)} are dropped, ${percent(rules.duplicate)} doubled, ${percent(rules.bad_signature)} signed wrongly, delayed to ${seconds(rules.delay_ms[1])}${rules.shuffle ? ', reordered' : ''}`,
        begin: async ({ stack }) => {
          await stack.simulator.setDeliveryRules(rules);
          return () => stack.simulator.setDeliveryRules({});
        },
      };
    },
  },
];

/** Every kind of fault. A disk that cannot be mounted here is said at the start of the run. */
export const faultKinds: readonly FaultKind[] = [
  ...ofProcesses,
  ...ofRedis,
  ...ofPostgres,
  ...ofNetwork,
  ...ofClocks,
  ofProvider('Midtrans', 'midtrans'),
  ofProvider('Xendit', 'xendit'),
  ...ofWebhooks,
];
