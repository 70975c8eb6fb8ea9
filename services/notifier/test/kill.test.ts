import { type ChildProcess, fork } from 'node:child_process';
import { wakeUpChannel } from '@gateway/shared/queue';
import { compileCache } from '@gateway/testing/checkout';
import { eventually } from '@gateway/testing/eventually';
import {
  commitEvents,
  eventFixture,
  type RelayFixture,
  relayProcess,
  sequenceNumbers,
  startRelayFixture,
  unpublished,
  upTo,
} from '@gateway/testing/relay/relay-fixture';
import type { RelayStep } from '../src/relay.ts';

let fixture: RelayFixture;
const running: ChildProcess[] = [];
beforeEach(async () => {
  fixture = await startRelayFixture();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(kill));
  await fixture.close();
});

/** A notifier in a process of its own. */
async function startNotifier(crash?: { at: RelayStep; time: number }): Promise<ChildProcess> {
  const child = fork(relayProcess, {
    execArgv: ['--conditions=source'],
    env: {
      ...compileCache,
      DATABASE_URL: fixture.serveUrl,
      REDIS_URL: fixture.redisUrl,
      DATABASE_KEY: fixture.key,
      ...(crash && { CRASH_AT: crash.at, CRASH_AT_TIME: String(crash.time) }),
    },
  });
  running.push(child);
  await new Promise((ready) => child.once('message', ready));
  return child;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

const waitForExit = (child: ChildProcess) => (hasEnded(child) ? Promise.resolve() : new Promise((end) => child.once('exit', end)));

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await waitForExit(child);
}

describe('a notifier that is killed', () => {
  it.each<RelayStep>(['numbered', 'published', 'marked'])(
    'after the step %s, twice in a row, leaves no gap, loses no event and changes no order',
    async (at) => {
      const stores = await Promise.all(upTo(3).map(() => fixture.store()));
      const screen = await fixture.listen(...stores);
      const crashing = await Promise.all([startNotifier({ at, time: 2 }), startNotifier({ at, time: 3 })]);

      // Tills keep writing while notifiers are killed.
      let written = 0;
      while (crashing.some((child) => !hasEnded(child))) {
        await commitEvents(
          fixture.db,
          [...stores, ...stores].map((store) => eventFixture(store)),
        );
        await fixture.redis.publish(wakeUpChannel(fixture.key), '');
        written += 2;
      }
      expect(crashing.map(({ signalCode }) => signalCode)).toEqual(['SIGKILL', 'SIGKILL']);

      await Promise.all([startNotifier(), startNotifier()]);
      await screen.waitsFor(3 * written);
      await eventually(async () => (await unpublished(fixture.db)) === 0);
      for (const store of stores) {
        expect(screen.seqs(store)).toEqual(upTo(written));
        expect(await sequenceNumbers(fixture.db, store)).toEqual(upTo(written));
      }
    },
  );

  it('is replaced by another notifier', async () => {
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    const [crashing] = await Promise.all([startNotifier({ at: 'numbered', time: 1 }), startNotifier()]);
    let written = 0;
    while (!hasEnded(crashing)) {
      await commitEvents(fixture.db, [eventFixture(store)]); // either notifier may take it; the crashing one is killed at its first run
      await fixture.redis.publish(wakeUpChannel(fixture.key), '');
      written++;
    }
    await screen.waitsFor(written);
    expect(screen.seqs(store)).toEqual(upTo(written));
  });
});
