import { type Payment, type RouteStep, timeOfDay } from '@gateway/shared/payment';
import type { Clock } from '@gateway/shared/runtime';
import { type settings, storeSettings } from '@gateway/shared/store';
import type { Accounts, Candidate } from '../providers/accounts.ts';

/** Which accounts may be asked for a payment's QR. */
export interface Route {
  /** In the order in which they are asked. */
  candidates: Candidate[];
  /** The accounts that were left out, each with its reason. Kept with the payment for an operator who asks later. */
  skipped: RouteStep[];
}

export type ChooseRoute = (payment: Pick<Payment, 'storeId' | 'amount'>) => Route;

interface ChooseRouteDeps {
  /** Provider names, the preferred one first. A store's own order replaces it. */
  order: readonly string[];
  accounts: Pick<Accounts, 'find'>;
  /** Store settings and holds. */
  control: () => Pick<settings.Control, 'settings' | 'holds'>;
  clock: Clock;
}

/** An account is skipped when it is disabled or held by an operator, over its limit, behind an open breaker or not configured. */
export const createChooseRoute =
  ({ order, accounts, control, clock }: ChooseRouteDeps): ChooseRoute =>
  ({ storeId, amount }) => {
    const { settings: settingsByStore, holds } = control();
    const ofStore = settingsByStore.get(storeId) ?? storeSettings.defaultSettings;
    const route: Route = { candidates: [], skipped: [] };
    for (const provider of ofStore.providers ?? order) {
      const account = ofStore.accounts[provider] ?? 'default';
      const candidate = accounts.find(provider, account);
      const reason = candidate ? skipReason(candidate, { storeId, amount }, holds) : 'not configured';
      if (candidate && !reason) route.candidates.push(candidate);
      else route.skipped.push({ provider, account, at: clock.now().toISOString(), outcome: 'skipped', reason: reason as string });
    }
    return route;
  };

/** For an operator to read, with times of day in UTC. Null: the account may be asked. */
function skipReason(
  { provider, traits, openBreaker }: Candidate,
  payment: Parameters<ChooseRoute>[0],
  holds: readonly settings.Hold[],
): string | null {
  if (provider.account.isDisabled) return 'disabled by an operator';
  const hold = holds.find((each) => appliesTo(each, provider.account, payment.storeId));
  if (hold) return `held by an operator since ${timeOfDay(hold.heldAt)} (${hold.heldAt.toISOString().slice(0, 10)})`;
  if (payment.amount > traits.maxAmount) return `${payment.amount} is over its limit of ${traits.maxAmount}`;
  const breaker = openBreaker();
  return breaker && !breaker.halfOpen ? `breaker open since ${timeOfDay(breaker.openSince)}` : null;
}

function appliesTo(hold: settings.Hold, account: { provider: string; id: string }, storeId: string): boolean {
  const covers = (scope: string, value: string) => scope === '*' || scope === value;
  return hold.provider === account.provider && covers(hold.account, account.id) && covers(hold.storeId, storeId);
}
