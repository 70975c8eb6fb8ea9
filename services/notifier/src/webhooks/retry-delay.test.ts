import { plusMs } from '@gateway/shared/runtime';
import { nextTryAt, retryAfterMs } from './retry-delay.ts';

const start = new Date('2026-03-02T03:00:00Z');

describe('an event that cannot be delivered', () => {
  it('is tried after 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, then hourly, for the last time after 72 h', () => {
    const delays: number[] = [];
    let now = start;
    for (let tries = 1; ; tries++) {
      const next = nextTryAt({ now, tries, failingSince: start, retryAfterMs: null });
      if (!next) break;
      delays.push((next.getTime() - now.getTime()) / 1_000);
      now = next;
    }
    expect(delays.slice(0, 8)).toEqual([5, 30, 120, 600, 1_800, 3_600, 3_600, 3_600]);
    expect(now).toEqual(plusMs(start, 72 * 3_600_000));
  });

  it('is tried when the endpoint asks for it', () => {
    const next = nextTryAt({ now: start, tries: 1, failingSince: start, retryAfterMs: 120_000 });
    expect(next).toEqual(plusMs(start, 120_000));
  });

  it.each([
    ['120', 120_000],
    ['0', 1_000],
    ['Mon, 02 Mar 2026 03:01:00 GMT', 60_000],
    ['soon', null],
    [undefined, null],
  ])('reads Retry-After: %s', (header, ms) => {
    expect(retryAfterMs(header, start)).toBe(ms);
  });
});
