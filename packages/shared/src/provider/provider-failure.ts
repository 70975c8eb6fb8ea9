import type { CallOutcome } from './breaker-metrics.ts';
import { ProviderError, ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from './provider-error.ts';

// Answers of a provider in good health that leave the outcome open all the same.
const healthyReasons: ReadonlySet<string> = new Set(['duplicate', 'in_flight', 'refund_in_progress', 'state_cannot_change', 'expired']);

/** A clear no is good health, and so is a revoked key: one outlet's must not shut a provider for two hundred others. */
export function isProviderFailure(error: unknown): boolean {
  if (error instanceof ProviderUnavailable) return true;
  return error instanceof ProviderOutcomeUnknown && !healthyReasons.has(error.reason);
}

/** A bug of ours in an adapter must not pass for a provider's clear no: whatever it was, the call may have gone out. */
export function asProviderError(error: unknown): never {
  if (error instanceof ProviderError) throw error;
  throw new ProviderOutcomeUnknown('unexpected', 'the adapter failed', { cause: error });
}

export function outcomeOf(error: ProviderError): CallOutcome {
  if (error instanceof ProviderRejected) return 'rejected';
  if (error instanceof ProviderUnavailable) return 'unavailable';
  return error instanceof ProviderMisconfigured ? 'misconfigured' : 'unknown';
}
