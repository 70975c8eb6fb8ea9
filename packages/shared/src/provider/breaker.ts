import CircuitBreaker, { type Options } from 'opossum';
import { type Clock, type Logger, plusMs } from '../runtime/index.ts';
import type { BreakerMetrics, BreakerState, CallOutcome } from './breaker-metrics.ts';
import { accountKey } from './provider-accounts.ts';
import { ProviderError, ProviderMisconfigured, ProviderUnavailable } from './provider-error.ts';
import { asProviderError, isProviderFailure, outcomeOf } from './provider-failure.ts';

/** Creating is apart from the rest: a provider that makes no QR can often still tell which ones are paid. */
export type BreakerKind = 'create' | 'other';

export interface BreakerPolicy {
  /** How many calls of this breaker may be under way; one more is refused, and that says nothing about the provider. */
  capacity: number;
  /** Longest life of one call: a little above what the limits of http-exchange.ts add up to, which end it properly. */
  limitMs: number;
  /** How long it stays open before one call may try. */
  resetTimeoutMs: number;
  /** It opens when so many calls in a row were ill, or, of at least so many in the window, more than half. */
  minCalls: number;
  windowMs: number;
}

// Few calls suffice: a single outlet makes few charges a minute, and each that waits for a dead provider is a guest at the till.
/** @param resetTimeoutMs how long a breaker stays open before one call may try; it judges by the calls of twice as long */
export function breakerPolicy(kind: BreakerKind, resetTimeoutMs = 10_000): BreakerPolicy {
  const limits = { create: { limitMs: 10_500, minCalls: 5 }, other: { limitMs: 40_000, minCalls: 10 } };
  return { capacity: 64, ...limits[kind], resetTimeoutMs, windowMs: 2 * resetTimeoutMs };
}

export interface BreakerChange {
  /** As `accountKey` writes it. */
  account: string;
  kind: BreakerKind;
  /** True again after every try that failed: news with a date of expiry is renewed by it. */
  opened: boolean;
  /** Since when it is open, tries in between not counted; null when it is not. */
  since: Date | null;
  /** When it tries for itself again; null when it is not open. */
  until: Date | null;
  /** Whether this process saw it itself, or was told by another one and has nothing to pass on. */
  source: 'local' | 'remote';
}

/** A provider refuses our credentials or set-up. Its breaker stays closed, so a person must be told: only they can help. */
export interface AccountMisconfigured {
  /** As `accountKey` writes it. */
  account: string;
  /** `unauthorized`, `payment_type_not_enabled`, … */
  reason: string;
  at: Date;
}

/** Why an account is not simply asked. */
export interface OpenBreaker {
  /** Since when it is out, tries in between not counted. */
  openSince: Date;
  /** It has rested: the next call may try. False while it rests, and while one is trying. */
  halfOpen: boolean;
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
  readonly #options: Options;
  readonly #circuit: CircuitBreaker<[() => Promise<unknown>], unknown>;
  readonly #listeners = new Set<(change: BreakerChange) => void>();
  readonly #misconfiguredListeners = new Set<(report: AccountMisconfigured) => void>();
  #since: Date | null = null;
  #until: Date | null = null;
  #inFlight = 0;
  #consecutiveFailures = 0;
  #isRemote = false;

  constructor(account: { provider: string; id: string }, kind: BreakerKind, tools: BreakerTools, policy = breakerPolicy(kind)) {
    this.account = account;
    this.kind = kind;
    this.#tools = tools;
    this.#policy = policy;
    this.#options = {
      name: `${accountKey(account)} ${kind}`,
      // opossum's own limit would drop the result of a call that runs on, and the charge it made with it.
      timeout: false,
      resetTimeout: policy.resetTimeoutMs,
      volumeThreshold: policy.minCalls,
      errorThresholdPercentage: 50,
      rollingCountTimeout: policy.windowMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: (error) => !isProviderFailure(error),
    };
    this.#circuit = new CircuitBreaker((call: () => Promise<unknown>) => call(), this.#options);
    this.#circuit.on('open', () => this.#onStateChange('open'));
    this.#circuit.on('halfOpen', () => this.#onStateChange('half_open'));
    this.#circuit.on('close', () => this.#onStateChange('closed'));
    this.#recordState('closed');
  }

  /** Null while it is closed. */
  get openBreaker(): OpenBreaker | null {
    if (this.#circuit.closed) return null;
    return { openSince: this.#since ?? this.#tools.clock.now(), halfOpen: this.#circuit.pendingClose };
  }

  onChange(listener: (change: BreakerChange) => void): void {
    this.#listeners.add(listener);
  }

  /** Called at every refusal: how often to say it is the listener's affair. */
  onMisconfigured(listener: (report: AccountMisconfigured) => void): void {
    this.#misconfiguredListeners.add(listener);
  }

  /**
   * Another process has seen this account out. It rests here too, and then tries for itself.
   * @param until when it may try; unless told, after the usual rest
   */
  open({ since = null, until = null }: { since?: Date | null; until?: Date | null } = {}): void {
    this.#applyRemote(() => {
      this.#since ??= since;
      this.#openFor(until ? until.getTime() - this.#tools.clock.now().getTime() : this.#policy.resetTimeoutMs);
    });
  }

  /** Another process has seen it well again. Taken once it has rested here too: who fails every other call makes nobody flap. */
  close(): void {
    if (!this.#circuit.opened) this.#applyRemote(() => this.#circuit.close());
  }

  /**
   * @param call gets a signal of its own: the caller's, or the end of the longest life of a call
   * @throws ProviderUnavailable `breaker_open` or `busy` without calling; else a ProviderError, whatever the call throws
   */
  async run<T>(operation: string, signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    // Our own bulkhead: opossum would count its refusals as failures of the provider.
    if (this.#inFlight >= this.#policy.capacity) throw this.#reject(operation, 'busy');
    this.#inFlight++;
    const started = performance.now();
    const recordOutcome = (outcome: CallOutcome) =>
      this.#tools.metrics.call(
        { provider: this.account.provider, account: this.account.id, operation },
        outcome,
        (performance.now() - started) / 1000,
      );
    const timeLimit = new AbortController();
    const timer = setTimeout(() => timeLimit.abort(new DOMException('call time limit reached', 'TimeoutError')), this.#policy.limitMs);
    try {
      const callSignal = AbortSignal.any([signal, timeLimit.signal]);
      const result = await this.#circuit.fire(() => call(callSignal).catch(asProviderError).then(this.#onSuccess, this.#onFailure));
      recordOutcome('ok');
      return result as T;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw this.#reject(operation, 'breaker_open');
      recordOutcome(outcomeOf(error));
      if (error instanceof ProviderMisconfigured)
        for (const listener of this.#misconfiguredListeners)
          listener({ account: accountKey(this.account), reason: error.reason, at: this.#tools.clock.now() });
      throw error;
    } finally {
      clearTimeout(timer);
      this.#inFlight--;
    }
  }

  stop(): void {
    this.#circuit.shutdown();
  }

  readonly #onSuccess = <T>(result: T): T => {
    this.#consecutiveFailures = 0;
    return result;
  };

  readonly #onFailure = (error: unknown): never => {
    this.#consecutiveFailures = isProviderFailure(error) ? this.#consecutiveFailures + 1 : 0;
    // Who says how long to stay away is left alone that long, from the first time it says so.
    if (error instanceof ProviderUnavailable && error.retryAfterMs !== null) this.#openFor(error.retryAfterMs);
    // Half of a window would take long: in a busy hour it is full of good answers, and who hangs adds few bad ones to them.
    if (this.#consecutiveFailures >= this.#policy.minCalls) this.#openFor(this.#policy.resetTimeoutMs);
    throw error;
  };

  #openFor(ms: number): void {
    this.#options.resetTimeout = Math.max(1, ms); // opossum keeps this very object, and reads it when it opens
    this.#circuit.open();
    this.#options.resetTimeout = this.#policy.resetTimeoutMs;
  }

  #onStateChange(state: BreakerState): void {
    this.#recordState(state);
    if (state === 'half_open') return;
    this.#consecutiveFailures = 0;
    const now = this.#tools.clock.now();
    this.#since = state === 'open' ? (this.#since ?? now) : null;
    this.#until = state === 'open' ? plusMs(now, this.#options.resetTimeout) : null;
    const { provider, id } = this.account;
    const source = this.#isRemote ? 'remote' : 'local';
    this.#tools.log.warn({ provider, account: id, operation: this.kind, state, reason: source }, `circuit breaker ${state}`);
    for (const listener of this.#listeners)
      listener({
        account: accountKey(this.account),
        kind: this.kind,
        opened: state === 'open',
        since: this.#since,
        until: this.#until,
        source,
      });
  }

  #recordState(state: BreakerState): void {
    this.#tools.metrics.state({ provider: this.account.provider, account: this.account.id, kind: this.kind }, state);
  }

  #applyRemote(apply: () => void): void {
    this.#isRemote = true;
    apply(); // opossum tells its listeners before it returns
    this.#isRemote = false;
  }

  #reject(operation: string, reason: 'busy' | 'breaker_open'): ProviderUnavailable {
    this.#tools.metrics.call({ provider: this.account.provider, account: this.account.id, operation }, reason, 0);
    const detail = reason === 'busy' ? 'too many concurrent calls' : 'circuit breaker open';
    return new ProviderUnavailable(reason, `not sent: ${detail}`, { retryAfterMs: reason === 'busy' ? null : this.#policy.resetTimeoutMs });
  }
}
