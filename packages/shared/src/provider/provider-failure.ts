import type { CallOutcome } from './breaker-metrics.ts';
import { ProviderError, ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from './provider-error.ts';

/** Reasons of ProviderOutcomeUnknown that a provider gives which works normally. */
const healthyReasons: ReadonlySet<string> = new Set(['duplicate', 'in_flight', 'refund_in_progress', 'state_cannot_change', 'expired']);

/**
 * Whether a breaker counts this error against the provider. A clear refusal shows that the provider works, and so does a revoked key:
 * it must not open the breaker.
 */
export function isProviderFailure(error: unknown): boolean {
  if (error instanceof ProviderUnavailable) return true;
  return error instanceof ProviderOutcomeUnknown && !healthyReasons.has(error.reason);
}

/** A bug in an adapter must not look like a clear refusal of the provider: the call may have been sent. */
export function asProviderError(error: unknown): never {
  if (error instanceof ProviderError) throw error;
  throw new ProviderOutcomeUnknown('unexpected', 'the adapter failed', { cause: error });
}

export function outcomeOf(error: ProviderError): CallOutcome {
  if (error instanceof ProviderRejected) return 'rejected';
  if (error instanceof ProviderUnavailable) return 'unavailable';
  return error instanceof ProviderMisconfigured ? 'misconfigured' : 'unknown';
}
