import type { Registry } from 'prom-client';
import type { Charge, ChargeRefund } from '../payment/index.ts';
import type { Clock, Logger } from '../runtime/index.ts';
import { type AccountRefusal, Breaker, type BreakerChange, type BreakerKind, type BreakerTrouble, breakerPolicy } from './breaker.ts';
import { createBreakerMetrics } from './breaker-metrics.ts';
import { accountKey } from './provider-accounts.ts';
import { type ChargeKey, type ChargeRequest, QrisProvider, type RefundKey, type RefundRequest } from './qris-provider.ts';

/** A provider that is left in peace while it is out: ProviderUnavailable `breaker_open`, or `busy` when too much is under way. */
class BreakeredProvider extends QrisProvider {
  readonly #provider: QrisProvider;
  readonly #breakers: Readonly<Record<BreakerKind, Breaker>>;

  constructor(provider: QrisProvider, breakers: Readonly<Record<BreakerKind, Breaker>>) {
    super(provider.account);
    this.#provider = provider;
    this.#breakers = breakers;
  }

  override createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge> {
    return this.#breakers.create.run('create', signal, (own) => this.#provider.createCharge(request, own));
  }

  override findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#breakers.rest.run('find', signal, (own) => this.#provider.findCharge(key, own));
  }

  override cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#breakers.rest.run('cancel', signal, (own) => this.#provider.cancelCharge(key, own));
  }

  override expireCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#breakers.rest.run('expire', signal, (own) => this.#provider.expireCharge(key, own));
  }

  override refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund> {
    return this.#breakers.rest.run('refund', signal, (own) => this.#provider.refundCharge(request, own));
  }

  override findRefund(key: RefundKey, signal: AbortSignal): Promise<ChargeRefund | null> {
    return this.#breakers.rest.run('find_refund', signal, (own) => this.#provider.findRefund(key, own));
  }

  override close(): Promise<void> {
    return this.#provider.close();
  }
}

/** The breakers of this process: two for each account, made when the account is first used, kept when its key is rotated. */
export interface Breakers {
  /** Goes to `createProviders` as its `wrap`. */
  around(provider: QrisProvider): QrisProvider;
  /** Why this account, as `accountKey` writes it, is not simply asked for charges; null when it is. */
  trouble(account: string): BreakerTrouble | null;
  /** Whatever opens or closes here, and whether it was seen here or told. */
  onChange(listener: (change: BreakerChange) => void): void;
  /** Whenever a provider refuses our credentials or set-up. */
  onRefusal(listener: (refusal: AccountRefusal) => void): void;
  /** What another process has seen. Nothing happens to an account that this process does not use. */
  tell(news: Pick<BreakerChange, 'account' | 'kind' | 'opened'> & Partial<Pick<BreakerChange, 'since' | 'until'>>): void;
  stop(): void;
}

export interface BreakersOptions {
  log: Logger;
  clock: Clock;
  registry: Registry;
  /** How long a breaker rests before one call may try, milliseconds. */
  restMs?: number;
}

export function createBreakers({ log, clock, registry, restMs }: BreakersOptions): Breakers {
  const tools = { log, clock, metrics: createBreakerMetrics(registry) };
  const breakers = new Map<string, Breaker>();
  const listeners = new Set<(change: BreakerChange) => void>();
  const refusalListeners = new Set<(refusal: AccountRefusal) => void>();
  const nameOf = (account: string, kind: BreakerKind) => `${account} ${kind}`;

  const of = (account: { provider: string; id: string }, kind: BreakerKind): Breaker => {
    const name = nameOf(accountKey(account), kind);
    const present = breakers.get(name);
    if (present) return present;
    const breaker = new Breaker({ provider: account.provider, id: account.id }, kind, tools, breakerPolicy(kind, restMs));
    breaker.onChange((change) => {
      for (const listener of listeners) listener(change);
    });
    breaker.onRefusal((refusal) => {
      for (const listener of refusalListeners) listener(refusal);
    });
    breakers.set(name, breaker);
    return breaker;
  };

  return {
    around: (provider) => new BreakeredProvider(provider, { create: of(provider.account, 'create'), rest: of(provider.account, 'rest') }),
    trouble: (account) => breakers.get(nameOf(account, 'create'))?.trouble ?? null,
    onChange: (listener) => void listeners.add(listener),
    onRefusal: (listener) => void refusalListeners.add(listener),
    tell: ({ account, kind, opened, since = null, until = null }) => {
      const breaker = breakers.get(nameOf(account, kind));
      if (opened) breaker?.open({ since, until });
      else breaker?.close();
    },
    stop: () => {
      for (const breaker of breakers.values()) breaker.stop();
    },
  };
}
