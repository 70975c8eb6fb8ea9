import { allGone, commandOf, kill, type StackProcess, startStackProcess, stopEverything, until } from './stack-process.ts';

const goneWithinMs = 10_000; // under a second on a quiet machine; the watchdog waits for its turn on a busy one

let stack: StackProcess;
beforeAll(async () => {
  stack = await startStackProcess();
  await stack.query('create table kept as select 42 as id');
});
afterAll(stopEverything);

describe('a stack that is killed', () => {
  it('leaves no process, and the next start continues with its data', async () => {
    const { operator } = stack.file();
    const family = stack.family();
    stack.signal('SIGKILL');
    await allGone(family, goneWithinMs);
    await startAgain();
    expect(await stack.query('select id from kept')).toEqual([{ id: 42 }]);
    expect(stack.file().operator.password).toBe(operator.password);
    expect(stack.printed()).not.toContain(operator.password); // a password is printed once, by the start that generates it
  });

  it('leaves no process when its watchdog was killed before, because the watchdog is replaced', async () => {
    const killed = await watchdogOf(stack);
    kill(killed);
    await until(
      () => stack.family().some((pid) => pid !== killed && isWatchdog(pid)),
      () => 'another watchdog',
    );
    const family = stack.family();
    stack.signal('SIGKILL');
    await allGone(family, goneWithinMs);
    await startAgain();
  });

  it('leaves servers when its watchdog is killed with it, and the next start stops them first', async () => {
    const { postgres, redis } = stack.file().pids;
    const watchdog = await watchdogOf(stack);
    stack.signal('SIGSTOP'); // so that it cannot start another watchdog
    kill(watchdog);
    stack.signal('SIGKILL');
    await startAgain();
    await allGone([...postgres, ...redis], 0);
    expect(await stack.query('select id from kept')).toEqual([{ id: 42 }]);
  });
});

async function startAgain(): Promise<void> {
  await stack.ended;
  stack = await startStackProcess({ DATA_DIR: stack.dataDir });
}

const isWatchdog = (pid: number): boolean => commandOf(pid).includes('watchdog');
const watchdogOf = ({ family }: StackProcess): Promise<number> =>
  until(
    () => family().find(isWatchdog),
    () => 'a watchdog',
  );
