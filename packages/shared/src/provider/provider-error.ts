/** The four answers that are not a yes. Which failure is which: providers.md 6, and each provider's `*-status.ts`. */
export abstract class ProviderError extends Error {
  /** A short word for metrics, logs and the attempt's `reason`: `timeout`, `http_500`, `duplicate`, `validation`. */
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

/** A clear no: the request reached the provider and was refused; nothing payable exists. */
export class ProviderRejected extends ProviderError {}

/** Surely not carried out: not connected, throttled, breaker open, account full. */
export class ProviderUnavailable extends ProviderError {
  /** How long the provider asked us to stay away, milliseconds; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(reason: string, message: string, options: { cause?: unknown; retryAfterMs?: number | null } = {}) {
    super(reason, message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** Sent, and no readable answer (timeout, reset, 5xx, rubbish): it may have been carried out. Also "duplicate". */
export class ProviderOutcomeUnknown extends ProviderError {}

/** Our credentials or set-up (401, 402, 403): an operator must act; other accounts are fine. */
export class ProviderMisconfigured extends ProviderError {}

type ProviderVerdict = 'rejected' | 'unavailable' | 'unknown' | 'misconfigured';

/** What a provider's code comes to: a row of its `*-status.ts` table. */
export interface Refusal {
  kind: ProviderVerdict;
  reason: string;
}

/** @param subject the sentence for the operator: our words only, never the provider's text, which may quote anything. */
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

/** For a look that comes before moving money: however it failed, nothing was moved. Our set-up stays our set-up. */
export function asNotCarriedOut(error: unknown): never {
  if (error instanceof ProviderMisconfigured || error instanceof ProviderUnavailable) throw error;
  const reason = error instanceof ProviderError ? error.reason : 'unexpected';
  throw new ProviderUnavailable(reason, 'refund not requested: looking up an earlier refund failed', { cause: error });
}

/** For a look that comes after a refusal: if it fails, an earlier call may be the reason for the refusal. */
export function asUnknown(error: unknown): never {
  const reason = error instanceof ProviderError ? error.reason : 'unexpected';
  throw new ProviderOutcomeUnknown(reason, 'refused, and could not look whether an earlier refund is why', { cause: error });
}
