import type { Payment } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';

const minDelayMs = 30_000; // the last scans of a QR are paid in the first minute after it was hidden
const maxDelayMs = 3_600_000; // after a day without money no guest waits at the till: once an hour is early enough
const minWindowMs = 3_600_000; // also for a payment that was closed days late: its provider may lag, or be unreachable itself

/** Until when a payment that closes now is polled. Null: its QR was never on display. */
export function latePollingUntil({ watchUntil }: Pick<Payment, 'watchUntil'>, closedAt: Date): Date | null {
  return watchUntil && latest(watchUntil, plusMs(closedAt, minWindowMs));
}

/**
 * When a payment whose QR is hidden, but may still bring money, is polled next. The interval is half of the time since the QR was
 * hidden, so it grows until `watchUntil`. Null: money can arrive no more.
 */
export function nextLatePoll({ watchUntil, hiddenAt }: Pick<Payment, 'watchUntil' | 'hiddenAt'>, now: Date): Date | null {
  if (!watchUntil || watchUntil <= now) return null;
  const hiddenForMs = now.getTime() - (hiddenAt ?? now).getTime();
  const delayMs = Math.min(Math.max(hiddenForMs / 2, minDelayMs), maxDelayMs);
  return earliest(plusMs(now, delayMs), watchUntil);
}

const latest = (a: Date, b: Date): Date => (a > b ? a : b);
const earliest = (a: Date, b: Date): Date => (a < b ? a : b);
