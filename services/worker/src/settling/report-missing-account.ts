import type { Host } from '@gateway/shared/host';
import type { Attempt } from '@gateway/shared/payment';
import { discrepancies } from '@gateway/shared/store';
import { notConfigured } from '../providers/missing-account.ts';

/**
 * Opens a discrepancy when a call failed because the account of the attempt left the configuration: only an operator can ask for its
 * charges now. Opened once, also when an operator has closed it meanwhile.
 * @param reason why the call failed
 */
export async function reportMissingAccount(
  { db }: Host,
  attempt: Pick<Attempt, 'paymentId' | 'no' | 'provider' | 'account'>,
  reason: string,
  at: Date,
): Promise<void> {
  if (reason !== notConfigured) return;
  const { paymentId, no: attemptNo, provider, account } = attempt;
  const ours = `${provider}/${account}`;
  await discrepancies.openOnceEver(db.pool, { paymentId, attemptNo, reason: 'account_not_configured', ours, theirs: null, at });
}
