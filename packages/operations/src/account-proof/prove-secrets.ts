import { type AccountSecrets, accountWithSecrets, createProviders, ProviderError } from '@gateway/shared/provider';
import { systemClock as clock, createLogger, newUlid } from '@gateway/shared/runtime';
import type { providerAccounts } from '@gateway/shared/store';
import type { AccountEnvironment } from '../operations-context.ts';

const limitMs = 10_000;

/**
 * Asks the provider with these secrets about a charge that does not exist: a provider that accepts the key answers that there is none.
 * Changes nothing. @returns why the key is not proven; null when it is
 */
export async function proveSecrets(
  { providers }: AccountEnvironment,
  row: providerAccounts.AccountRow,
  secrets: AccountSecrets,
): Promise<string | null> {
  const account = accountWithSecrets(providers, row, secrets);
  const instances = createProviders({ clock, log: createLogger('ops', 'silent') });
  try {
    await instances.of(account).findCharge({ reference: `proof-${newUlid()}`, providerChargeId: null }, AbortSignal.timeout(limitMs));
    return null;
  } catch (error) {
    if (error instanceof ProviderError) return error.reason;
    throw error;
  } finally {
    await instances.close();
  }
}
