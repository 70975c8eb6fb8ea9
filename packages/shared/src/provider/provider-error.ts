/** The four ways in which a call to a provider fails. Which failure is which: docs/providers.md 6, and each provider's `*-status.ts`. */
export abstract class ProviderError extends Error {
  /** For metrics, logs and the attempt's `reason`: `timeout`, `http_500`, `duplicate`, `validation`. */
  readonly reason: string;
  /** Set when the answer named the charge, so that it can be cancelled by id. */
  readonly providerChargeId: string | null;

  constructor(reason: string, message: string, options: { cause?: unknown; providerChargeId?: string | null } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.reason = reason;
    this.providerChargeId = options.providerChargeId ?? null;
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** A clear refusal: the provider received the request and refused it. Nothing payable exists. */
export class ProviderRejected extends ProviderError {}

/** Certainly not carried out: not connected, throttled, breaker open, too many calls in flight. */
export class ProviderUnavailable extends ProviderError {
  /** How long to wait before the next call, in milliseconds; null when that is not known. */
  readonly retryAfterMs: number | null;

  constructor(reason: string, message: string, options: { cause?: unknown; retryAfterMs?: number | null } = {}) {
    super(reason, message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** Sent, and no readable answer came (timeout, reset, 5xx, malformed body): it may have been carried out. Also "duplicate". */
export class ProviderOutcomeUnknown extends ProviderError {}

/** Our credentials or setup are rejected (401, 402, 403): an operator must act. Other accounts are not affected. */
export class ProviderMisconfigured extends ProviderError {}

type ProviderVerdict = 'rejected' | 'unavailable' | 'unknown' | 'misconfigured';

/** What one refusal code of a provider means: a row of its `*-status.ts` table. */
export interface Refusal {
  kind: ProviderVerdict;
  reason: string;
}

/** @param subject what failed, for the operator, in our own words: a provider's text may quote anything and must not reach a log */
export function errorOf(
  refusal: Refusal,
  subject: string,
  options: { cause?: unknown; providerChargeId?: string | null; retryAfterMs?: number | null } = {},
): ProviderError {
  const message = `${subject}: ${refusal.reason}`;
  switch (refusal.kind) {
    case 'rejected':
      return new ProviderRejected(refusal.reason, message, options);
    case 'unavailable':
      return new ProviderUnavailable(refusal.reason, message, options);
    case 'unknown':
      return new ProviderOutcomeUnknown(refusal.reason, message, options);
    case 'misconfigured':
      return new ProviderMisconfigured(refusal.reason, message, options);
  }
}

/** Rethrows the failure of a lookup that precedes a refund. No money was moved, whatever failed. ProviderMisconfigured stays as it is. */
export function asNotCarriedOut(error: unknown): never {
  if (error instanceof ProviderMisconfigured || error instanceof ProviderUnavailable) throw error;
  const reason = error instanceof ProviderError ? error.reason : 'unexpected';
  throw new ProviderUnavailable(reason, 'refund not requested: looking up an earlier refund failed', { cause: error });
}

/** Rethrows the failure of a lookup that follows a refusal: an earlier call may have caused the refusal, so the outcome is unknown. */
export function asUnknown(error: unknown): never {
  const reason = error instanceof ProviderError ? error.reason : 'unexpected';
  throw new ProviderOutcomeUnknown(reason, 'refund refused, and looking up an earlier refund failed', { cause: error });
}
