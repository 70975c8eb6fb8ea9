import { allGone, commandOf, kill, type StackProcess, startStackProcess, stopEverything, testTimeoutMs, until } from './stack-process.ts';

import.meta.jest.setTimeout(testTimeoutMs); // a stack takes two seconds, and much longer when everybody else tests, too

let stack: StackProcess;
beforeAll(async () => {
  stack = await startStackProcess();
  await stack.query('create table kept as select 42 as id');
});
afterAll(stopEverything);

describe('a stack killed outright', () => {
  it('leaves nothing after two seconds, and the next one goes on with its data', async () => {
    const { operator } = stack.file();
    const family = stack.family();
    stack.signal('SIGKILL');
    await allGone(family, 2_000);
    await startAgain();
    expect(await stack.query('select id from kept')).toEqual([{ id: 42 }]);
    expect(stack.file().operator.password).toBe(operator.password);
    expect(stack.printed()).not.toContain(operator.password); // it was printed once
  });

  it('leaves nothing either when its watchdog was killed before: there is another one', async () => {
    const killed = await watchdogOf(stack);
    kill(killed);
    await until(
      () => stack.family().some((pid) => pid !== killed && isWatchdog(pid)),
      () => 'another watchdog',
    );
    const family = stack.family();
    stack.signal('SIGKILL');
    await allGone(family, 2_000);
    await startAgain();
  });

  it('killed together with its watchdog, leaves servers that the next start stops first', async () => {
    const { postgres, redis } = stack.file().pids;
    const watchdog = await watchdogOf(stack);
    stack.signal('SIGSTOP'); // it cannot hire another warden
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
