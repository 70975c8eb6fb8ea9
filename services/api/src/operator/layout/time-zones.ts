const formats = new Map<string, Intl.DateTimeFormat>();

/** A format is expensive to make, and a page shows hundreds of times. */
export function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
}

/** The name of a time zone as people in Indonesia say it: `WIB`, `WITA`, `WIT`; of another zone `GMT+8`. */
export const zoneName = (timeZone: string, at: Date): string =>
  formatOf('id-ID', { timeZone, timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;

const localPattern = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?$/;

/** The moment at which clocks of the zone show this: `2026-03-02T10:00`; of a day its beginning. Null: the text is no such time. */
export function momentOf(local: string, timeZone: string): Date | null {
  if (!localPattern.test(local)) return null;
  const asUtc = new Date(`${local.length > 10 ? local : `${local}T00:00`}Z`);
  if (Number.isNaN(asUtc.getTime())) return null;
  const guess = asUtc.getTime() - offsetMs(timeZone, asUtc);
  return new Date(asUtc.getTime() - offsetMs(timeZone, new Date(guess))); // where clocks change in between, the second offset counts
}

/** What clocks of the zone show at this moment: `2026-03-02T10:00`, as a field of a form has it. */
export const localTimeOf = (at: Date, timeZone: string): string =>
  new Date(at.getTime() + offsetMs(timeZone, at)).toISOString().slice(0, 16);

/** By how much clocks of the zone are ahead of UTC. */
function offsetMs(timeZone: string, at: Date): number {
  const parts = formatOf('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((each) => each.type === type)?.value);
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown - Math.floor(at.getTime() / 1_000) * 1_000;
}
