import { plusMs } from '@gateway/shared/runtime';

const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

/** The delays after the first failed attempts; the last one repeats. */
const delaysMs = [5 * seconds, 30 * seconds, 2 * minutes, 10 * minutes, 30 * minutes, 1 * hours];

/** How long an event is tried. As long as the outbox keeps it, so that what failed for the whole time can still be sent again. */
const givesUpAfterMs = 72 * hours;

interface Failure {
  now: Date;
  /** Failed attempts, with this one. */
  tries: number;
  /** When the first of them failed. */
  failingSince: Date;
  /** What the endpoint asked for. */
  retryAfterMs: number | null;
}

/** When the event is tried again; null: never, it failed for 72 h. The last attempt is at the end of the 72 h. */
export function nextTryAt({ now, tries, failingSince, retryAfterMs }: Failure): Date | null {
  const end = plusMs(failingSince, givesUpAfterMs);
  if (now >= end) return null;
  const delayMs = retryAfterMs ?? delaysMs[Math.min(tries, delaysMs.length) - 1] ?? 0;
  return new Date(Math.min(plusMs(now, delayMs).getTime(), end.getTime()));
}

/** Reads `Retry-After`: seconds, or a date. Null: there is none that can be read. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Math.max(1, Number(header)) * seconds;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(seconds, at - now.getTime());
}
