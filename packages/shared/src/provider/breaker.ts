import CircuitBreaker, { type Options } from 'opossum';
import { type Clock, type Logger, plusMs, withTimeLimit } from '../runtime/index.ts';
import type { BreakerMetrics, BreakerState, CallOutcome } from './breaker-metrics.ts';
import { ProviderError, ProviderMisconfigured, ProviderUnavailable } from './provider-error.ts';
import { asProviderError, isProviderFailure, outcomeOf } from './provider-failure.ts';
import { accountKey } from './qris-provider.ts';

/**
 * `create`: the calls that create a charge. `other`: all other calls. They are apart because a provider that creates no QR can often
 * still report which charges are paid.
 */
export type BreakerKind = 'create' | 'other';

export interface BreakerPolicy {
  /** How many calls may run at the same time. One more is refused as `busy`, which is no failure of the provider. */
  capacity: number;
  /** Time limit of one call in milliseconds: a little above the sum of the limits in http-exchange.ts, which normally end it. */
  limitMs: number;
  /** How long the breaker stays open before it lets one probe through, in milliseconds. */
  resetTimeoutMs: number;
  /** It opens after so many failures in a row, and when more than half of the window failed, if the window has so many calls. */
  minCalls: number;
  /** Length of the rolling window in milliseconds. */
  windowMs: number;
}

/**
 * A few calls are enough to open it: one outlet creates few charges a minute, and each call to a provider that is down makes a guest wait.
 * @param resetTimeoutMs how long a breaker stays open before one probe; the rolling window is twice as long
 */
export function breakerPolicy(kind: BreakerKind, resetTimeoutMs = 10_000): BreakerPolicy {
  const limits = { create: { limitMs: 10_500, minCalls: 5 }, other: { limitMs: 40_000, minCalls: 10 } };
  return { capacity: 64, ...limits[kind], resetTimeoutMs, windowMs: 2 * resetTimeoutMs };
}

export interface BreakerChange {
  /** `{provider}/{account}`, as `accountKey` returns it. */
  account: string;
  kind: BreakerKind;
  /** True when it opens, and again after each failed probe: a listener whose record expires renews it then. */
  opened: boolean;
  /** When it opened; a failed probe does not change it. Null when it is closed. */
  since: Date | null;
  /** When it becomes half-open. Null when it is closed. */
  until: Date | null;
  /** `local`: this process saw it. `remote`: another process reported it, so it is not published again. */
  source: 'local' | 'remote';
}

/** A provider rejects the credentials or the setup of an account. The breaker stays closed; an operator must act. */
export interface AccountMisconfigured {
  /** `{provider}/{account}`, as `accountKey` returns it. */
  account: string;
  /** `unauthorized`, `payment_type_not_enabled`, … */
  reason: string;
  at: Date;
}

/** A breaker that is not closed. */
export interface OpenBreaker {
  /** When it opened; a failed probe does not change it. */
  openSince: Date;
  /** True: the next call is the probe. False before the reset timeout is over, and while the probe runs. */
  halfOpen: boolean;
}

interface BreakerTools {
  log: Logger;
  clock: Clock;
  metrics: BreakerMetrics;
}

/** Stops calls to an account that fails, and lets one probe through after the reset timeout. Applies what other processes report. */
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
      // opossum's time limit would drop the result of a call that still runs, and with it the charge that the call created.
      timeout: false,
      resetTimeout: policy.resetTimeoutMs,
      volumeThreshold: policy.minCalls,
      errorThresholdPercentage: 50,
      rollingCountTimeout: policy.windowMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: (error) => !isProviderFailure(error, kind),
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

  /** Called each time that a provider rejects our credentials or setup. The listener decides how often it reports that. */
  onMisconfigured(listener: (report: AccountMisconfigured) => void): void {
    this.#misconfiguredListeners.add(listener);
  }

  /**
   * Opens the breaker because another process reported failures of this account.
   * @param since when it opened there
   * @param until when it becomes half-open; null: after our own reset timeout
   */
  open({ since = null, until = null }: { since?: Date | null; until?: Date | null } = {}): void {
    this.#applyRemote(() => {
      this.#since ??= since;
      this.#openFor(until ? until.getTime() - this.#tools.clock.now().getTime() : this.#policy.resetTimeoutMs);
    });
  }

  /**
   * Closes the breaker because another process reported that the account works. Applied only after our own reset timeout: otherwise
   * a provider that fails every second call would open and close the breaker repeatedly.
   */
  close(): void {
    if (!this.#circuit.opened) this.#applyRemote(() => this.#circuit.close());
  }

  /**
   * Runs one call, never a second time.
   * @param operation the label of the call in metrics
   * @param call receives a signal that aborts with the caller's signal, and at the time limit of a call
   * @throws ProviderUnavailable `breaker_open` or `busy` when nothing was called; otherwise a ProviderError, whatever the call throws
   */
  async run<T>(operation: string, signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    // Limited here, because opossum counts the calls that its `capacity` refuses as failures of the provider.
    if (this.#inFlight >= this.#policy.capacity) throw this.#reject(operation, 'busy');
    this.#inFlight++;
    const started = performance.now();
    const recordOutcome = (outcome: CallOutcome) =>
      this.#tools.metrics.call(
        { provider: this.account.provider, account: this.account.id, operation },
        outcome,
        (performance.now() - started) / 1000,
      );
    const limited = () => withTimeLimit(this.#policy.limitMs, call, signal).catch(asProviderError).then(this.#onSuccess, this.#onFailure);
    try {
      const result = await this.#circuit.fire(limited);
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
    this.#consecutiveFailures = isProviderFailure(error, this.kind) ? this.#consecutiveFailures + 1 : 0;
    // The provider said how long to wait: the breaker opens at once, for that long.
    if (error instanceof ProviderUnavailable && error.retryAfterMs !== null) this.#openFor(error.retryAfterMs);
    // In a busy hour the window is full of successes, and a provider that hangs adds failures slowly: failures in a row open it at once.
    if (this.#consecutiveFailures >= this.#policy.minCalls) this.#openFor(this.#policy.resetTimeoutMs);
    throw error;
  };

  #openFor(ms: number): void {
    this.#options.resetTimeout = Math.max(1, ms); // opossum keeps this object and reads it when it opens
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
    apply(); // opossum calls the listeners before this returns
    this.#isRemote = false;
  }

  #reject(operation: string, reason: 'busy' | 'breaker_open'): ProviderUnavailable {
    this.#tools.metrics.call({ provider: this.account.provider, account: this.account.id, operation }, reason, 0);
    const detail = reason === 'busy' ? 'too many concurrent calls' : 'circuit breaker open';
    return new ProviderUnavailable(reason, `not sent: ${detail}`, { retryAfterMs: reason === 'busy' ? null : this.#policy.resetTimeoutMs });
  }
}
