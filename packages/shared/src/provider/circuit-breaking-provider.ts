import type { Registry } from '@prometheus-io/client';
import type { Charge, ChargeRefund } from '../payment/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import { type AccountMisconfigured, Breaker, type BreakerChange, type BreakerKind, breakerPolicy, type OpenBreaker } from './breaker.ts';
import { createBreakerMetrics } from './breaker-metrics.ts';
import { accountKey, type ChargeKey, type ChargeRequest, QrisProvider, type RefundKey, type RefundRequest } from './qris-provider.ts';

/** A provider behind its two breakers. Also throws ProviderUnavailable `breaker_open`, and `busy` when too many calls are in flight. */
class CircuitBreakingProvider extends QrisProvider {
  readonly #provider: QrisProvider;
  readonly #breakers: Readonly<Record<BreakerKind, Breaker>>;

  constructor(provider: QrisProvider, breakers: Readonly<Record<BreakerKind, Breaker>>) {
    super(provider.account);
    this.#provider = provider;
    this.#breakers = breakers;
  }

  override createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge> {
    return this.#breakers.create.run('create', signal, (callSignal) => this.#provider.createCharge(request, callSignal));
  }

  override findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#breakers.other.run('find', signal, (callSignal) => this.#provider.findCharge(key, callSignal));
  }

  override cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#breakers.other.run('cancel', signal, (callSignal) => this.#provider.cancelCharge(key, callSignal));
  }

  override expireCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#breakers.other.run('expire', signal, (callSignal) => this.#provider.expireCharge(key, callSignal));
  }

  override refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund> {
    return this.#breakers.other.run('refund', signal, (callSignal) => this.#provider.refundCharge(request, callSignal));
  }

  override findRefund(key: RefundKey, signal: AbortSignal): Promise<ChargeRefund | null> {
    return this.#breakers.other.run('find_refund', signal, (callSignal) => this.#provider.findRefund(key, callSignal));
  }

  override close(): Promise<void> {
    return this.#provider.close();
  }
}

/** The breakers of this process: two for each account, created when the account is first used, kept when its key is rotated. */
export interface Breakers {
  /** Passed to `createProviders` as `wrap`. */
  wrap(provider: QrisProvider): QrisProvider;
  /** The `create` breaker of this account (`{provider}/{account}`) while it is open or half-open; null while it is closed. */
  openBreaker(account: string): OpenBreaker | null;
  /** Called when a breaker opens or closes, whether this process saw it or another one reported it. */
  onChange(listener: (change: BreakerChange) => void): void;
  /** Called each time that a provider rejects our credentials or setup. */
  onMisconfigured(listener: (report: AccountMisconfigured) => void): void;
  /** Applies what another process has seen. Ignored for an account that this process does not use. */
  applyRemote(update: Pick<BreakerChange, 'account' | 'kind' | 'opened'> & Partial<Pick<BreakerChange, 'since' | 'until'>>): void;
  stop(): void;
}

export interface BreakersOptions {
  log: Logger;
  clock: Clock;
  registry: Registry;
  /** How long a breaker stays open before it lets one probe through, in milliseconds. */
  resetTimeoutMs?: number;
}

export function createBreakers({ log, clock, registry, resetTimeoutMs }: BreakersOptions): Breakers {
  const tools = { log, clock, metrics: createBreakerMetrics(registry) };
  const breakers = new Map<string, Breaker>();
  const listeners = new Set<(change: BreakerChange) => void>();
  const misconfiguredListeners = new Set<(report: AccountMisconfigured) => void>();
  const nameOf = (account: string, kind: BreakerKind) => `${account} ${kind}`;

  const breakerOf = (account: { provider: string; id: string }, kind: BreakerKind): Breaker => {
    const name = nameOf(accountKey(account), kind);
    const existing = breakers.get(name);
    if (existing) return existing;
    const breaker = new Breaker({ provider: account.provider, id: account.id }, kind, tools, breakerPolicy(kind, resetTimeoutMs));
    breaker.onChange((change) => {
      for (const listener of listeners) listener(change);
    });
    breaker.onMisconfigured((report) => {
      for (const listener of misconfiguredListeners) listener(report);
    });
    breakers.set(name, breaker);
    return breaker;
  };

  return {
    wrap: (provider) =>
      new CircuitBreakingProvider(provider, { create: breakerOf(provider.account, 'create'), other: breakerOf(provider.account, 'other') }),
    openBreaker: (account) => breakers.get(nameOf(account, 'create'))?.openBreaker ?? null,
    onChange: (listener) => void listeners.add(listener),
    onMisconfigured: (listener) => void misconfiguredListeners.add(listener),
    applyRemote: ({ account, kind, opened, since = null, until = null }) => {
      if (!opened) return breakers.get(nameOf(account, kind))?.close();
      const [provider = '', id = ''] = account.split('/');
      breakerOf({ provider, id }, kind).open({ since, until }); // also of an account that this process has not called yet
    },
    stop: () => {
      for (const breaker of breakers.values()) breaker.stop();
    },
  };
}
