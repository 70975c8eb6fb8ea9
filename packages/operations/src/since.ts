import { plusMs } from '@gateway/shared/runtime';
import { UsageError } from './command-error.ts';

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

const durationPattern = /^(\d{1,5})([mhd])$/;
const timePattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** The value of `--since`: a time, a date, or how long ago. @throws UsageError */
export function timeOf(text: string, now: Date): Date {
  const [, count, unit] = durationPattern.exec(text) ?? [];
  const time = unit ? plusMs(now, -Number(count) * (units[unit] ?? 0)) : new Date(timePattern.test(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw new UsageError({
      en: '--since must be a time such as 2026-03-02T10:00+07:00, a date (UTC), or how long ago: 30m, 2h, 3d',
      id: 'isi waktu, seperti 2026-03-02T10:00+07:00, atau berapa lama yang lalu: 30m, 2h, 3d',
    });
  if (time > now) throw new UsageError({ en: '--since must not be in the future', id: 'waktunya tidak boleh di masa depan' });
  return time;
}

/** The value of `--until`: a time, a date, or how long ago; it may be in the future. @throws UsageError */
export function untilTime(text: string, now: Date): Date {
  const [, count, unit] = durationPattern.exec(text) ?? [];
  if (unit) return plusMs(now, -Number(count) * (units[unit] ?? 0));
  const time = new Date(timePattern.test(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw new UsageError({
      en: '--until must be a time such as 2026-03-02T10:00+07:00, a date (UTC), or how long ago: 30m, 2h, 3d',
      id: 'isi waktu, seperti 2026-03-02T10:00+07:00, atau berapa lama yang lalu: 30m, 2h, 3d',
    });
  return time;
}

/** The value of an option that names a time to come: a time, a date, or how long from now. @throws UsageError */
export function timeToCome(option: string, text: string, now: Date): Date {
  const [, count, unit] = durationPattern.exec(text) ?? [];
  const time = unit ? plusMs(now, Number(count) * (units[unit] ?? 0)) : new Date(timePattern.test(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime()))
    throw new UsageError({
      en: `--${option} must be a time such as 2027-03-02T10:00+07:00, a date (UTC), or how long from now: 12h, 90d`,
      id: 'isi waktu, seperti 2027-03-02T10:00+07:00, atau berapa lama dari sekarang: 12h, 90d',
    });
  if (time <= now) throw new UsageError({ en: `--${option} must be in the future`, id: 'waktunya harus di masa depan' });
  return time;
}
