/**
 * One account that was considered while a QR was made: skipped or asked, with what result, why, and how long it took in milliseconds.
 * `superseded`: its QR came when another one was on display already, or when none was wanted any more. Older rows say `lost` for that.
 */
export interface RouteStep {
  provider: string;
  account: string;
  at: string;
  outcome: 'skipped' | 'asked' | 'chosen' | 'refused' | 'unknown' | 'superseded' | 'lost';
  reason?: string;
  durationMs?: number;
}

/** A route as text for an operator: `midtrans skipped: breaker open since 10:02:11; xendit chosen; answered in 212 ms`. Times are UTC. */
export function describeRoute(route: readonly RouteStep[]): string {
  return route.length === 0 ? 'no provider asked yet' : route.map(describeStep).join('; ');
}

function describeStep({ provider, account, at, outcome, reason, durationMs }: RouteStep): string {
  const accountName = account === 'default' ? provider : `${provider} (account ${account})`;
  const suffix = reason ? `: ${reason}` : '';
  switch (outcome) {
    case 'skipped':
      return `${accountName} skipped${suffix}`;
    case 'asked':
      return `${accountName} asked at ${timeOfDay(new Date(at))}, no answer yet`;
    case 'chosen':
      return `${accountName} chosen; answered in ${durationMs} ms`;
    case 'refused':
      return `${accountName} refused${suffix}, after ${durationMs} ms`;
    case 'unknown':
      return `${accountName} outcome unknown${suffix}, after ${durationMs} ms`;
    case 'superseded':
    case 'lost':
      return `${accountName} answered in ${durationMs} ms, too late to be shown`;
  }
}

/** The time of day in UTC: `10:02:11`. */
export const timeOfDay = (at: Date): string => at.toISOString().slice(11, 19);
