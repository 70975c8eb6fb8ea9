import { accountKey, type ProviderAccount } from '@gateway/shared/provider';
import { type BreakerUpdate, breakerKey, misconfiguredKey, parseBreakerUpdate, parseMisconfiguredNote } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** The state of a provider account, as sentences. */
export interface AccountHealth {
  provider: string;
  account: string;
  mode: string;
  /** Calls that create a charge. */
  create: string;
  /** All other calls. */
  other: string;
}

/** Reads what the workers published about their circuit breakers. Without Redis the state is unknown. */
export async function readProviderHealth(accounts: readonly ProviderAccount[], redis: Pick<Redis, 'get'>): Promise<AccountHealth[]> {
  return Promise.all(
    accounts.map(async (account) => {
      const [create, other] = await Promise.all([describe(account, 'create', redis), describe(account, 'other', redis)]);
      return { provider: account.provider, account: account.id, mode: account.mode, create, other };
    }),
  );
}

async function describe(account: ProviderAccount, kind: BreakerUpdate['kind'], redis: Pick<Redis, 'get'>): Promise<string> {
  try {
    const key = accountKey(account);
    const [update, misconfigured] = await Promise.all([redis.get(breakerKey({ account: key, kind })), redis.get(misconfiguredKey(key))]);
    if (update) return `circuit breaker open since ${parseBreakerUpdate(update).since?.toISOString()}`;
    if (!misconfigured) return 'healthy';
    const { reason, at } = parseMisconfiguredNote(misconfigured);
    return `credentials or setup rejected (${reason}) since ${at.toISOString()}: operator action required`;
  } catch {
    return 'unknown: Redis unavailable';
  }
}
