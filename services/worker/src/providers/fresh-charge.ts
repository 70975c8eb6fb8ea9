import type { Attempt } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';

const freshForMs = 60_000; // an answer of a lagging replica is late by seconds

/** How soon a fresh charge that the provider does not know yet is asked for again, milliseconds. */
export const freshRetryMs = 3_000;

/**
 * True for a charge that the provider has just returned to us. When the provider answers that there is no such charge, the answer is
 * behind: the charge exists, and its QR can be paid.
 */
export function isFresh({ providerChargeId, startedAt }: Pick<Attempt, 'providerChargeId' | 'startedAt'>, now: Date): boolean {
  return providerChargeId !== null && now < plusMs(startedAt, freshForMs);
}
