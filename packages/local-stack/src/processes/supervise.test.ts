import fc from 'fast-check';
import type { Exit } from './running-process.ts';
import { restartDelayMs, type Startable, supervise } from './supervise.ts';

describe('the delay before a restart', () => {
  it('doubles from 0.2 s to 10 s', () => {
    const delays = [1, 2, 3, 6, 7, 100].map((failures) => restartDelayMs(failures, () => 0));
    expect(delays).toEqual([200, 400, 800, 6_400, 10_000, 10_000]);
  });

  it('is shortened by at most a half, so that processes that died together restart at different times', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, chance) => {
        const full = restartDelayMs(failures, () => 0);
        const shortened = restartDelayMs(failures, () => chance);
        return shortened <= full && shortened >= full / 2;
      }),
    );
  });
});

describe('a supervised process', () => {
  it('is not retried when its first start fails', async () => {
    const member = supervise(optionsOf({ start: () => Promise.reject(new Error('no such file')) }));
    await expect(member.ready).rejects.toThrow('no such file');
    await member.stop();
  });

  it('is retried when a later start fails, and the reason is printed', async () => {
    const printed: string[] = [];
    const starts = [aProcess(), null, aProcess()];
    const member = supervise(
      optionsOf({
        start: async () => {
          const next = starts.shift();
          if (!next) throw new Error('the port is taken');
          return next;
        },
        print: (message) => printed.push(message),
      }),
    );
    const first = await member.ready;
    const last = starts[1];
    first.end({ code: 1, signal: null });
    while (member.current() !== last) await nextTick();
    expect(printed).toEqual([
      expect.stringMatching(/^worker exited \(code 1\), restarting in \d+ ms$/),
      expect.stringMatching(/^worker did not start, restarting in \d+ ms\. Last output:\n {4}the port is taken$/),
      `worker restarted (process ${last?.pid})`,
    ]);
    await member.stop();
    expect(member.current()).toBeNull();
  });

  it('is stopped when stop is called while it starts', async () => {
    const { promise, resolve } = Promise.withResolvers<FakeProcess>();
    const process = aProcess();
    const member = supervise(optionsOf({ start: () => promise }));
    const stopped = member.stop();
    resolve(process);
    await stopped;
    expect(process.isStopped()).toBe(true);
    await expect(member.ready).rejects.toThrow();
  });

  it('is not started again when stop is called during the delay', async () => {
    const starts = [aProcess()];
    const member = supervise(optionsOf({ start: async () => starts.shift() ?? aProcess() }));
    (await member.ready).end({ code: null, signal: 'SIGKILL' });
    while (member.current()) await nextTick();
    await member.stop();
    expect(member.current()).toBeNull();
  });
});

interface FakeProcess extends Startable {
  end(exit: Exit): void;
  isStopped(): boolean;
}

let nextPid = 1;
function aProcess(): FakeProcess {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  let stopped = false;
  return {
    pid: nextPid++,
    exited: promise,
    lastOutput: () => '',
    end: resolve,
    isStopped: () => stopped,
    stop: async () => {
      stopped = true;
      resolve({ code: 0, signal: null });
    },
  };
}

function optionsOf(parts: { start: () => Promise<FakeProcess>; print?: (message: string) => void }) {
  return { name: 'worker', onChange: () => {}, print: () => {}, ...parts };
}

const nextTick = () => new Promise((next) => setTimeout(next, 5));
