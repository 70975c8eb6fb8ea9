import type { CallOutcome } from './breaker-metrics.ts';
import { ProviderError, ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from './provider-error.ts';

/** Reasons of ProviderOutcomeUnknown that a provider gives which works normally. */
const healthyReasons: ReadonlySet<string> = new Set(['duplicate', 'in_flight', 'refund_in_progress', 'state_cannot_change', 'expired']);

/**
 * Whether a breaker counts this error against the provider. A clear refusal shows that the provider works, and so does a revoked key:
 * it must not open the breaker. An answer about another charge counts for a create only: no QR can be shown then. A
 * look-up that it happens to concerns one charge, and the provider answers about the others.
 */
export function isProviderFailure(error: unknown, kind: 'create' | 'other'): boolean {
  if (error instanceof ProviderUnavailable) return true;
  if (!(error instanceof ProviderOutcomeUnknown) || healthyReasons.has(error.reason)) return false;
  return kind === 'create' || error.reason !== 'wrong_charge';
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
