import { type Payment, type RouteStep, timeOfDay } from '@gateway/shared/payment';
import type { OpenBreaker, ProviderTraits, QrisProvider } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import { settings } from '@gateway/shared/store';
import type { Accounts } from '../providers/accounts.ts';

export interface Candidate {
  provider: QrisProvider;
  traits: ProviderTraits;
  /** Why it is not simply asked, as of now; null when it is well. */
  openBreaker(): OpenBreaker | null;
}

export interface Route {
  candidates: Candidate[];
  /** Those left out, and why: kept with the payment, for the person who asks later. */
  skipped: RouteStep[];
}

export type ChooseRoute = (payment: Pick<Payment, 'storeId' | 'amount'>) => Route;

interface ChooseRouteDeps {
  /** Provider names, the preferred one first. */
  order: readonly string[];
  accounts: Pick<Accounts, 'find'>;
  control: () => Pick<settings.Control, 'settings' | 'holds'> | null;
  clock: Clock;
}

/** Which providers to ask for a store's payment, in its order; skipped is what is held, out, over its limit or not configured. */
export const createChooseRoute =
  ({ order, accounts, control, clock }: ChooseRouteDeps): ChooseRoute =>
  ({ storeId, amount }) => {
    const { settings: settingsByStore, holds } = control() ?? { settings: new Map<string, never>(), holds: [] };
    const settingsOfStore = settingsByStore.get(storeId) ?? settings.defaultSettings;
    const route: Route = { candidates: [], skipped: [] };
    for (const provider of settingsOfStore.providers ?? order) {
      const account = settingsOfStore.accounts[provider] ?? 'default';
      const candidate = accounts.find(provider, account);
      const reason = candidate ? skipReason(candidate, { storeId, amount }, holds) : 'not configured';
      if (candidate && !reason) route.candidates.push(candidate);
      else route.skipped.push({ provider, account, at: clock.now().toISOString(), outcome: 'skipped', reason: reason as string });
    }
    return route;
  };

/** In words for a person, times of day in UTC; null: it may be asked. */
function skipReason(
  { provider, traits, openBreaker }: Candidate,
  payment: Parameters<ChooseRoute>[0],
  holds: readonly settings.Hold[],
): string | null {
  const hold = holds.find((each) => appliesTo(each, provider.account, payment.storeId));
  if (hold) return `held by an operator since ${timeOfDay(hold.heldAt)} (${hold.heldAt.toISOString().slice(0, 10)})`;
  if (payment.amount > traits.maxAmount) return `${payment.amount} is over its limit of ${traits.maxAmount}`;
  const breaker = openBreaker();
  return breaker && !breaker.halfOpen ? `breaker open since ${timeOfDay(breaker.openSince)}` : null;
}

function appliesTo(hold: settings.Hold, account: { provider: string; id: string }, storeId: string): boolean {
  const covers = (held: string, value: string) => held === '*' || held === value;
  return hold.provider === account.provider && covers(hold.account, account.id) && covers(hold.storeId, storeId);
}
