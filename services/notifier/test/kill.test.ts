import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { bellChannel } from '@gateway/shared/queue';
import { eventually } from '../../../testing/eventually.ts';
import type { RelayStep } from '../src/relay.ts';
import { anEvent, aWorld, numbers, tell, unpublished, upTo, type World } from './world.ts';

import.meta.jest.setTimeout(60_000); // four processes start in a second, and in many when everybody else tests, too

let world: World;
const running: ChildProcess[] = [];
beforeEach(async () => {
  world = await aWorld();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(killed));
  await world.close();
});

/** A notifier in a process of its own. */
async function aNotifier(crash?: { at: RelayStep; time: number }): Promise<ChildProcess> {
  const child = fork(path.join(import.meta.dirname, 'relay-process.ts'), {
    execArgv: ['--conditions=source'],
    env: {
      DATABASE_URL: world.url,
      REDIS_URL: world.redisUrl,
      DATABASE_KEY: world.key,
      ...(crash && { CRASH_AT: crash.at, CRASH_AT_TIME: String(crash.time) }),
    },
  });
  running.push(child);
  await new Promise((ready) => child.once('message', ready));
  return child;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

const ended = (child: ChildProcess) => (hasEnded(child) ? Promise.resolve() : new Promise((end) => child.once('exit', end)));

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await ended(child);
}

describe('a notifier that is killed', () => {
  it.each<RelayStep>(['numbered', 'published', 'marked'])(
    'when it has %s, and the next one too: no gap, nothing lost, nothing out of order',
    async (at) => {
      const stores = await Promise.all(upTo(3).map(() => world.store()));
      const screen = await world.listen(...stores);
      const doomed = await Promise.all([aNotifier({ at, time: 2 }), aNotifier({ at, time: 3 })]);

      // Tills write on, whoever dies meanwhile.
      let written = 0;
      while (doomed.some((child) => !hasEnded(child))) {
        await tell(
          world.db,
          [...stores, ...stores].map((store) => anEvent(store)),
        );
        await world.redis.publish(bellChannel(world.key), '');
        written += 2;
      }
      expect(doomed.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', 'SIGKILL']);

      await Promise.all([aNotifier(), aNotifier()]);
      await screen.hasHeard(3 * written);
      await eventually(async () => (await unpublished(world.db)) === 0);
      for (const store of stores) {
        expect(screen.seqs(store)).toEqual(upTo(written));
        expect(await numbers(world.db, store)).toEqual(upTo(written));
      }
    },
  );

  it('is replaced by the one that stands by within a second', async () => {
    const store = await world.store();
    const screen = await world.listen(store);
    const [doomed] = await Promise.all([aNotifier({ at: 'numbered', time: 1 }), aNotifier()]);
    let written = 0;
    while (!hasEnded(doomed)) {
      await tell(world.db, [anEvent(store)]); // whoever takes it; the doomed one dies of the first it takes
      await world.redis.publish(bellChannel(world.key), '');
      written++;
    }
    const died = performance.now();
    await screen.hasHeard(written);
    expect(performance.now() - died).toBeLessThan(1_000);
    expect(screen.seqs(store)).toEqual(upTo(written));
  });
});
