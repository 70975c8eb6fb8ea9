import { accountKey, type ProviderAccount } from '@gateway/shared/provider';
import {
  type BreakerUpdate,
  breakerKey,
  type MisconfiguredNote,
  misconfiguredKey,
  parseBreakerUpdate,
  parseMisconfiguredNote,
} from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** A circuit breaker as the workers published it. `unknown`: Redis is unavailable. */
export type BreakerState = { kind: 'closed' | 'unknown' } | { kind: 'open'; since: Date | null };

/** The state of a provider account. */
export interface AccountHealth {
  provider: string;
  account: string;
  mode: string;
  isDisabled: boolean;
  /** Of the calls that create a charge. */
  create: BreakerState;
  /** Of all other calls. */
  other: BreakerState;
  /** When and why the provider last rejected the credentials or the setup, in the last minutes. */
  rejected: MisconfiguredNote | null;
}

/** Reads what the workers published about their circuit breakers. */
export const readProviderHealth = (accounts: readonly ProviderAccount[], redis: Pick<Redis, 'get'>): Promise<AccountHealth[]> =>
  Promise.all(
    accounts.map(async (account) => {
      const [create, other, rejected] = await Promise.all([
        breakerOf(account, 'create', redis),
        breakerOf(account, 'other', redis),
        rejectionOf(account, redis),
      ]);
      const { provider, id, mode, isDisabled = false } = account;
      return { provider, account: id, mode, isDisabled, create, other, rejected };
    }),
  );

async function breakerOf(account: ProviderAccount, kind: BreakerUpdate['kind'], redis: Pick<Redis, 'get'>): Promise<BreakerState> {
  try {
    const update = await redis.get(breakerKey({ account: accountKey(account), kind }));
    return update ? { kind: 'open', since: parseBreakerUpdate(update).since } : { kind: 'closed' };
  } catch {
    return { kind: 'unknown' };
  }
}

async function rejectionOf(account: ProviderAccount, redis: Pick<Redis, 'get'>): Promise<MisconfiguredNote | null> {
  try {
    const note = await redis.get(misconfiguredKey(accountKey(account)));
    return note ? parseMisconfiguredNote(note) : null;
  } catch {
    return null;
  }
}
