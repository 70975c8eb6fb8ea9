import fc from 'fast-check';
import { TimerQueue } from './timer-queue.ts';

const noop = (): void => {};

describe('the timer queue', () => {
  it('returns entries by time, equal times in the order they were added, and cancelled entries never', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ time: fc.integer({ min: 0, max: 20 }), cancel: fc.boolean() }), { maxLength: 200 }), (plan) => {
        const queue = new TimerQueue();
        const entries = plan.map(({ time }) => queue.add(time, noop));
        entries.forEach((entry, index) => {
          if (plan[index]?.cancel) queue.cancel(entry);
        });
        const taken: unknown[] = [];
        for (let entry = queue.takeFirst(); entry; entry = queue.takeFirst()) taken.push(entry);
        const expected = entries.filter((_, index) => !plan[index]?.cancel).sort((a, b) => a.time - b.time);
        expect(taken).toEqual(expected); // the entries carry their order
      }),
    );
  });

  it('keeps its order when it removes many cancelled entries at once', () => {
    const queue = new TimerQueue();
    const entries = Array.from({ length: 5_000 }, (_, index) => queue.add(5_000 - index, noop));
    for (const entry of entries.slice(0, 4_900)) queue.cancel(entry);
    const times: number[] = [];
    for (let entry = queue.takeFirst(); entry; entry = queue.takeFirst()) times.push(entry.time);
    expect(times).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  });
});
