import CircuitBreaker from 'opossum';
import type { Clock, Logger } from '../runtime/index.ts';
import type { BreakerMetrics, BreakerState, CallOutcome } from './breaker-metrics.ts';
import { accountKey } from './provider-accounts.ts';
import { ProviderError, ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from './provider-error.ts';

/** Creating is apart from the rest: a provider that makes no QR can often still tell which ones are paid. */
export type BreakerKind = 'create' | 'rest';

export interface BreakerPolicy {
  /** How many calls of this breaker may be under way; one more is refused, and that says nothing about the provider. */
  capacity: number;
  /** Longest life of one call: a little above what the limits of http-exchange.ts add up to, which end it properly. */
  limitMs: number;
  /** How long it stays open before one call may try. */
  restMs: number;
  /** It opens when, of at least this many calls in the window, more than half were ill. */
  fewestCalls: number;
  windowMs: number;
}

// Few calls suffice: a single outlet makes few charges a minute, and each that waits for a dead provider is a guest at the till.
const breakerPolicies: Readonly<Record<BreakerKind, BreakerPolicy>> = {
  create: { capacity: 64, limitMs: 10_500, restMs: 10_000, fewestCalls: 5, windowMs: 20_000 },
  rest: { capacity: 64, limitMs: 40_000, restMs: 10_000, fewestCalls: 10, windowMs: 20_000 },
};

export interface BreakerChange {
  /** As `accountKey` writes it. */
  account: string;
  kind: BreakerKind;
  /** True again after every try that failed: news with a date of expiry is renewed by it. */
  opened: boolean;
  /** Since when it is open, tries in between not counted; null when it is not. */
  since: Date | null;
  /** Whether this process saw it itself, or was told by another one and has nothing to pass on. */
  from: 'seen' | 'told';
}

interface BreakerTools {
  log: Logger;
  clock: Clock;
  metrics: BreakerMetrics;
}

/** Stops asking a provider that does not answer, tries again by itself, and can be told what other processes have seen. */
export class Breaker {
  readonly account: { provider: string; id: string };
  readonly kind: BreakerKind;
  readonly #tools: BreakerTools;
  readonly #policy: BreakerPolicy;
  readonly #circuit: CircuitBreaker<[() => Promise<unknown>], unknown>;
  readonly #listeners = new Set<(change: BreakerChange) => void>();
  #since: Date | null = null;
  #underWay = 0;
  #told = false;

  constructor(account: { provider: string; id: string }, kind: BreakerKind, tools: BreakerTools, policy = breakerPolicies[kind]) {
    this.account = account;
    this.kind = kind;
    this.#tools = tools;
    this.#policy = policy;
    this.#circuit = new CircuitBreaker((call: () => Promise<unknown>) => call(), {
      name: `${accountKey(account)} ${kind}`,
      // opossum's own limit would drop the result of a call that runs on, and the charge it made with it.
      timeout: false,
      resetTimeout: policy.restMs,
      volumeThreshold: policy.fewestCalls,
      errorThresholdPercentage: 50,
      rollingCountTimeout: policy.windowMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: (error) => !isIllness(error),
    });
    this.#circuit.on('open', () => this.#moved('open'));
    this.#circuit.on('halfOpen', () => this.#moved('half_open'));
    this.#circuit.on('close', () => this.#moved('closed'));
    this.#measure('closed');
  }

  /** Whether calls are refused right now. Once it has rested, the next call may try, and this is false already. */
  get opened(): boolean {
    return this.#circuit.opened;
  }

  /** Since when it is open, tries in between not counted; null when it is not. */
  get openedAt(): Date | null {
    return this.opened ? this.#since : null;
  }

  onChange(listener: (change: BreakerChange) => void): void {
    this.#listeners.add(listener);
  }

  /** Another process has seen this account out. It rests here too, and then tries for itself. */
  open(): void {
    this.#tell(() => this.#circuit.open());
  }

  /** Another process has seen it well again. */
  close(): void {
    this.#tell(() => this.#circuit.close());
  }

  /**
   * @param call gets a signal of its own: the caller's, or the end of the longest life of a call
   * @throws ProviderUnavailable `breaker_open` or `busy` without calling; else a ProviderError, whatever the call throws
   */
  async run<T>(operation: string, signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    // Our own bulkhead: opossum would count its refusals as failures of the provider.
    if (this.#underWay >= this.#policy.capacity) throw this.#refused(operation, 'busy');
    this.#underWay++;
    const started = performance.now();
    const ended = (outcome: CallOutcome) =>
      this.#tools.metrics.call(
        { provider: this.account.provider, account: this.account.id, operation },
        outcome,
        (performance.now() - started) / 1000,
      );
    const longest = new AbortController();
    const timer = setTimeout(() => longest.abort(new DOMException('the longest life of a call', 'TimeoutError')), this.#policy.limitMs);
    try {
      const own = AbortSignal.any([signal, longest.signal]);
      const result = await this.#circuit.fire(() => call(own).catch(asProviderError));
      ended('ok');
      return result as T;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw this.#refused(operation, 'breaker_open');
      ended(outcomeOf(error));
      throw error;
    } finally {
      clearTimeout(timer);
      this.#underWay--;
    }
  }

  stop(): void {
    this.#circuit.shutdown();
  }

  #moved(state: BreakerState): void {
    this.#measure(state);
    if (state === 'half_open') return;
    this.#since = state === 'open' ? (this.#since ?? this.#tools.clock.now()) : null;
    const { provider, id } = this.account;
    const from = this.#told ? 'told' : 'seen';
    this.#tools.log.warn({ provider, account: id, operation: this.kind, state, reason: from }, `breaker ${state}`);
    for (const listener of this.#listeners)
      listener({ account: accountKey(this.account), kind: this.kind, opened: state === 'open', since: this.#since, from });
  }

  #measure(state: BreakerState): void {
    this.#tools.metrics.state({ provider: this.account.provider, account: this.account.id, kind: this.kind }, state);
  }

  #tell(news: () => void): void {
    this.#told = true;
    news(); // opossum tells its listeners before it returns
    this.#told = false;
  }

  #refused(operation: string, reason: 'busy' | 'breaker_open'): ProviderUnavailable {
    this.#tools.metrics.call({ provider: this.account.provider, account: this.account.id, operation }, reason, 0);
    const why = reason === 'busy' ? 'as many calls as are allowed are under way' : 'this provider is left in peace for a while';
    return new ProviderUnavailable(reason, `not sent: ${why}`, { retryAfterMs: reason === 'busy' ? null : this.#policy.restMs });
  }
}

// Answers of a provider in good health that leave the outcome open all the same.
const healthyReasons: ReadonlySet<string> = new Set(['duplicate', 'in_flight', 'refund_in_progress', 'state_cannot_change', 'expired']);

/** A clear no is good health, and so is a revoked key: one outlet's must not shut a provider for two hundred others. */
function isIllness(error: unknown): boolean {
  if (error instanceof ProviderUnavailable) return true;
  return error instanceof ProviderOutcomeUnknown && !healthyReasons.has(error.reason);
}

/** A bug of ours in an adapter must not pass for a provider's clear no: whatever it was, the call may have gone out. */
function asProviderError(error: unknown): never {
  if (error instanceof ProviderError) throw error;
  throw new ProviderOutcomeUnknown('unexpected', 'the adapter failed', { cause: error });
}

function outcomeOf(error: ProviderError): CallOutcome {
  if (error instanceof ProviderRejected) return 'rejected';
  if (error instanceof ProviderUnavailable) return 'unavailable';
  return error instanceof ProviderMisconfigured ? 'misconfigured' : 'unknown';
}
