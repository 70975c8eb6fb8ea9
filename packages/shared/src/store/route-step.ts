/** What became of one provider while a QR was being made: considered, skipped or asked, why, and how long it took. */
export interface RouteStep {
  provider: string;
  account: string;
  at: string;
  outcome: 'skipped' | 'asked' | 'chosen' | 'refused' | 'unknown' | 'lost';
  reason?: string;
  durationMs?: number;
}

/** A route for a person: `midtrans skipped: breaker open since 10:02:11; xendit chosen; answered in 212 ms`. Times are UTC. */
export function routeInWords(route: readonly RouteStep[]): string {
  return route.length === 0 ? 'nobody was asked yet' : route.map(stepInWords).join('; ');
}

function stepInWords({ provider, account, at, outcome, reason, durationMs }: RouteStep): string {
  const who = account === 'default' ? provider : `${provider} (account ${account})`;
  const why = reason ? `: ${reason}` : '';
  switch (outcome) {
    case 'skipped':
      return `${who} skipped${why}`;
    case 'asked':
      return `${who} asked at ${timeOfDay(new Date(at))}, no answer yet`;
    case 'chosen':
      return `${who} chosen; answered in ${durationMs} ms`;
    case 'refused':
      return `${who} refused${why}, after ${durationMs} ms`;
    case 'unknown':
      return `${who} outcome unknown${why}, after ${durationMs} ms`;
    case 'lost':
      return `${who} answered in ${durationMs} ms, too late to be shown`;
  }
}

/** `10:02:11`, UTC. */
export const timeOfDay = (at: Date): string => at.toISOString().slice(11, 19);
