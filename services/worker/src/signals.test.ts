import type { Redis } from 'ioredis';
import { createWakeRelay, type WakeRelay } from './signals.ts';

describe('the wake-up of the relay', () => {
  let published: string[];
  let due: (() => void)[];
  let runningJobs: number;
  let wakeRelay: WakeRelay;
  beforeEach(() => {
    runningJobs = 2;
    published = [];
    due = [];
    const redis = { publish: async (channel: string) => void published.push(channel) };
    wakeRelay = createWakeRelay(
      redis as unknown as Redis,
      () => runningJobs,
      (work) => void due.push(work),
    );
  });
  const pauseEnds = () => {
    for (const work of due.splice(0)) work();
  };

  it('is sent at once for an event after a pause', () => {
    wakeRelay({ database: 'POS' });
    expect(published).toEqual(['gateway:outbox:POS']);
    pauseEnds();
    wakeRelay({ database: 'POS' });
    expect(published).toHaveLength(2);
  });

  it('is shared by the events of the next ten milliseconds, and comes after the last of them', () => {
    for (let event = 0; event < 10; event++) wakeRelay({ database: 'POS' });
    expect(published).toHaveLength(1);
    pauseEnds();
    expect(published).toHaveLength(2);
    pauseEnds();
    expect(published).toHaveLength(2);
    expect(due).toEqual([]);
  });

  it('is sent at once for each event while no other job runs', () => {
    runningJobs = 1;
    for (let event = 0; event < 3; event++) wakeRelay({ database: 'POS' });
    expect(published).toHaveLength(3);
    runningJobs = 2;
    wakeRelay({ database: 'POS' });
    expect(published).toHaveLength(3);
    pauseEnds();
    expect(published).toHaveLength(4);
    pauseEnds();
    expect([published.length, due]).toEqual([4, []]);
  });

  it('of one database does not wait for that of another', () => {
    wakeRelay({ database: 'POS' });
    wakeRelay({ database: 'ERP' });
    expect(published).toEqual(['gateway:outbox:POS', 'gateway:outbox:ERP']);
  });
});
