import { accountKey, type ProviderTraits, type QrisProvider } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import { type Control, defaultSettings, type Hold, type Payment, type RouteStep } from '@gateway/shared/store';
import type { Accounts } from './accounts.ts';

export interface Candidate {
  provider: QrisProvider;
  traits: ProviderTraits;
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
  accounts: Accounts;
  control: () => Control | null;
  clock: Clock;
}

/** Which providers to ask for a store's payment, in its order; skipped is what is held, out, over its limit or not configured. */
export const createRoute =
  ({ order, accounts, control, clock }: RouteDeps): Route =>
  ({ storeId, amount }) => {
    const { settings, holds } = control() ?? { settings: new Map(), holds: [] };
    const store = settings.get(storeId) ?? defaultSettings;
    const routing: Routing = { candidates: [], skipped: [] };
    for (const provider of store.providers ?? order) {
      const id = store.accounts[provider] ?? 'default';
      const account = accounts.find(provider, id);
      const reason = account ? whySkipped(account) : 'not configured';
      if (account && !reason) routing.candidates.push(account);
      else routing.skipped.push({ provider, account: id, at: clock.now().toISOString(), outcome: 'skipped', reason: reason as string });
    }
    return routing;

    function whySkipped({ provider, traits }: Candidate): string | null {
      const hold = holds.find((each) => holdsBack(each, provider.account, storeId));
      if (hold) return `held since ${hold.heldAt.toISOString()}`;
      if (amount > traits.maxAmount) return `over its limit of ${traits.maxAmount}`;
      const openedAt = accounts.openSince(accountKey(provider.account));
      return openedAt ? `breaker open since ${openedAt.toISOString()}` : null;
    }
  };

function holdsBack(hold: Hold, account: { provider: string; id: string }, storeId: string): boolean {
  const covers = (held: string, value: string) => held === '*' || held === value;
  return hold.provider === account.provider && covers(hold.account, account.id) && covers(hold.storeId, storeId);
}
