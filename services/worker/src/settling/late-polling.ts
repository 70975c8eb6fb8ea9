import type { Payment } from '@gateway/shared/payment';

const minDelayMs = 30_000; // the last scans land in the first minute after a QR is taken down
const maxDelayMs = 3_600_000; // after a day of silence nobody is at the till: once an hour finds it early enough
const minWindowMs = 3_600_000; // what was closed after days of standstill is looked at again all the same: its provider may lag, or be away itself

/** Until when a payment is watched that is closed now. Null: its QR was never on display. */
export function latePollingUntil({ watchUntil }: Pick<Payment, 'watchUntil'>, closedAt: Date): Date | null {
  return watchUntil && new Date(Math.max(watchUntil.getTime(), closedAt.getTime() + minWindowMs));
}

/**
 * When to look again at a payment whose QR is gone but may still bring money: each look half as far away as the closing is old,
 * until `watchUntil`. Null: nothing can come any more.
 */
export function nextLatePoll({ watchUntil, hiddenAt }: Pick<Payment, 'watchUntil' | 'hiddenAt'>, now: Date): Date | null {
  if (!watchUntil || watchUntil <= now) return null;
  const closedForMs = now.getTime() - (hiddenAt ?? now).getTime();
  const inMs = Math.min(Math.max(closedForMs / 2, minDelayMs), maxDelayMs);
  return new Date(Math.min(now.getTime() + inMs, watchUntil.getTime()));
}
