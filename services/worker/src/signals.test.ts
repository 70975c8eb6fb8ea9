import type { Redis } from 'ioredis';
import { createWakeRelay, type WakeRelay } from './signals.ts';

describe('the wake-up of the relay', () => {
  let published: string[];
  let due: (() => void)[];
  let wakeRelay: WakeRelay;
  beforeEach(() => {
    published = [];
    due = [];
    const redis = { publish: async (channel: string) => void published.push(channel) };
    wakeRelay = createWakeRelay(redis as unknown as Redis, (work) => void due.push(work));
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

  it('of one database does not wait for that of another', () => {
    wakeRelay({ database: 'POS' });
    wakeRelay({ database: 'ERP' });
    expect(published).toEqual(['gateway:outbox:POS', 'gateway:outbox:ERP']);
  });
});
