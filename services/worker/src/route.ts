import type { BreakerTrouble, ProviderTraits, QrisProvider } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import { type Control, defaultSettings, type Hold, type Payment, type RouteStep, timeOfDay } from '@gateway/shared/store';
import type { Accounts } from './accounts.ts';

export interface Candidate {
  provider: QrisProvider;
  traits: ProviderTraits;
  /** Why it is not simply asked, as of now; null when it is well. */
  trouble(): BreakerTrouble | null;
}

export interface Routing {
  candidates: Candidate[];
  /** Those left out, and why: kept with the payment, for the person who asks later. */
  skipped: RouteStep[];
}

export type Route = (payment: Pick<Payment, 'storeId' | 'amount'>) => Routing;

interface RouteDeps {
  /** Provider names, the preferred one first. */
  order: readonly string[];
  accounts: Pick<Accounts, 'find'>;
  control: () => Pick<Control, 'settings' | 'holds'> | null;
  clock: Clock;
}

/** Which providers to ask for a store's payment, in its order; skipped is what is held, out, over its limit or not configured. */
export const createRoute =
  ({ order, accounts, control, clock }: RouteDeps): Route =>
  ({ storeId, amount }) => {
    const { settings, holds } = control() ?? { settings: new Map<string, never>(), holds: [] };
    const store = settings.get(storeId) ?? defaultSettings;
    const routing: Routing = { candidates: [], skipped: [] };
    for (const provider of store.providers ?? order) {
      const account = store.accounts[provider] ?? 'default';
      const candidate = accounts.find(provider, account);
      const reason = candidate ? whySkipped(candidate, { storeId, amount }, holds) : 'not configured';
      if (candidate && !reason) routing.candidates.push(candidate);
      else routing.skipped.push({ provider, account, at: clock.now().toISOString(), outcome: 'skipped', reason: reason as string });
    }
    return routing;
  };

/** In words for a person, times of day in UTC; null: it may be asked. */
function whySkipped({ provider, traits, trouble }: Candidate, payment: Parameters<Route>[0], holds: readonly Hold[]): string | null {
  const hold = holds.find((each) => holdsBack(each, provider.account, payment.storeId));
  if (hold) return `held by an operator since ${timeOfDay(hold.heldAt)} (${hold.heldAt.toISOString().slice(0, 10)})`;
  if (payment.amount > traits.maxAmount) return `${payment.amount} is over its limit of ${traits.maxAmount}`;
  const out = trouble();
  return out && !out.mayTry ? `breaker open since ${timeOfDay(out.since)}` : null;
}

function holdsBack(hold: Hold, account: { provider: string; id: string }, storeId: string): boolean {
  const covers = (held: string, value: string) => held === '*' || held === value;
  return hold.provider === account.provider && covers(hold.account, account.id) && covers(hold.storeId, storeId);
}
