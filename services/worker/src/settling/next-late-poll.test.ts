import { plusMs } from '@gateway/shared/runtime';
import { latePollingUntil, nextLatePoll } from './late-polling.ts';

const now = new Date('2026-03-02T03:05:00.000Z');
const later = (ms: number) => plusMs(now, ms);
const second = 1_000;
const hour = 3_600 * second;

/** How long after now a payment is polled that was hidden this long ago, milliseconds. */
const delayMs = (hiddenForMs: number, watchedForMs = 48 * hour) =>
  (nextLatePoll({ watchUntil: later(watchedForMs), hiddenAt: later(-hiddenForMs) }, now)?.getTime() ?? Number.NaN) - now.getTime();

describe('the next poll for late money', () => {
  it.each([
    [0, 30 * second],
    [60 * second, 30 * second],
    [70 * second, 35 * second],
    [hour, hour / 2],
    [2 * hour, hour],
    [40 * hour, hour],
  ])('%d ms after the QR was hidden comes after %d ms', (hiddenForMs, expected) => {
    expect(delayMs(hiddenForMs)).toBe(expected);
  });

  it('of a QR that is not hidden yet comes after the shortest delay', () => {
    expect(nextLatePoll({ watchUntil: later(hour), hiddenAt: null }, now)).toEqual(later(30 * second));
  });

  it('is at the end of the watch at the latest, and there is none after it', () => {
    expect(delayMs(hour, 10 * second)).toBe(10 * second);
    expect(nextLatePoll({ watchUntil: now, hiddenAt: later(-hour) }, now)).toBeNull();
  });

  it('is never when the QR was never on display', () => {
    expect(nextLatePoll({ watchUntil: null, hiddenAt: now }, now)).toBeNull();
    expect(latePollingUntil({ watchUntil: null }, now)).toBeNull();
  });
});

describe('the watch for late money', () => {
  it('lasts as the provider says, and for an hour at least after the payment closed', () => {
    expect(latePollingUntil({ watchUntil: later(2 * hour) }, now)).toEqual(later(2 * hour));
    expect(latePollingUntil({ watchUntil: later(-hour) }, now)).toEqual(later(hour));
  });
});
