import { clockOf, codeOf, money } from '../layout/components.ts';
import { zoneName } from '../layout/time-zones.ts';
import type { View } from '../layout/view.ts';
import { fillIn, type Texts } from '../texts/texts.ts';

/** Codes of providers' adapters that a till's wait is often explained with. The other ones are shown as they are. */
const known: Readonly<Record<string, keyof Texts>> = {
  timeout: 'reason_timeout',
  rate_limited: 'reason_rate_limited',
  unauthorized: 'reason_unauthorized',
  'not configured': 'reason_not_configured',
  'disabled by an operator': 'reason_disabled',
  'no time was left to ask it': 'reason_no_time',
};

/** Why an account was skipped or gave no QR, as a person reads it. @param at when: times of day in a stored reason are in UTC */
export function routeReason(view: View, reason: string, at: Date): string {
  const { texts } = view;
  const key = known[reason];
  if (key) return texts[key];
  const local = (day: string, time: string) => {
    const moment = new Date(`${day}T${time}Z`);
    return `${clockOf(moment, view.timeZone)} ${zoneName(view.timeZone, moment)}`;
  };
  const [, since] = /^breaker open since (\d\d:\d\d:\d\d)$/.exec(reason) ?? [];
  if (since) return fillIn(texts.reason_breaker, { time: local(at.toISOString().slice(0, 10), since) });
  const [, time, day] = /^held by an operator since (\d\d:\d\d:\d\d) \((\d{4}-\d\d-\d\d)\)$/.exec(reason) ?? [];
  if (time && day) return fillIn(texts.reason_held, { time: local(day, time) });
  const [, amount, limit] = /^(\d+) is over its limit of (\d+)$/.exec(reason) ?? [];
  if (amount) return fillIn(texts.reason_over_limit, { amount: money(Number(amount)), limit: money(Number(limit)) });
  return codeOf(view, reason);
}
