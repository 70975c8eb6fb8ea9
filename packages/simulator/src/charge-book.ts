import type { Charge, ChargeState, ProviderName } from './charge.ts';
import { stateOf } from './charge.ts';
import type { SimulatorClock } from './simulator-clock.ts';

/** A charge before it is recorded. The book adds its creation time, its first state and its empty lists. */
export type NewCharge = Omit<Charge, 'createdAt' | 'states' | 'calls' | 'notices' | 'expiry'> & { lifecycle: 'pending' | 'failed' };

/** The fields of a state that a change may set. */
export type Change = Partial<Pick<ChargeState, 'lifecycle' | 'payment' | 'refunds'>>;

/**
 * Every charge of both providers with all its states. It is independent of the gateway, whose records are compared with it.
 * Keeps the newest `maxCharges`, and calls `onDrop` with the number of dropped charges whenever it drops one.
 */
export class ChargeBook {
  readonly #clock: SimulatorClock;
  readonly #maxCharges: number;
  readonly #onDrop: (dropped: number) => void;
  readonly #byId = new Map<string, Charge>();
  readonly #byReference = new Map<string, Charge[]>();
  /** Charges by the ids of their payments and refunds. */
  readonly #byPart = new Map<string, Charge>();
  /** Oldest first; the entries before `#head` are dropped. An array, because finding a Map's first key walks over all deleted entries. */
  #order: Charge[] = [];
  #head = 0;
  #dropped = 0;

  constructor(clock: SimulatorClock, maxCharges: number, onDrop: (dropped: number) => void) {
    this.#clock = clock;
    this.#maxCharges = maxCharges;
    this.#onDrop = onDrop;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The number of charges that were dropped to make room. */
  get dropped(): number {
    return this.#dropped;
  }

  open({ lifecycle, ...draft }: NewCharge): Charge {
    const createdAt = this.#clock.now();
    const state: ChargeState = { at: createdAt, realAt: Date.now(), lifecycle, payment: null, refunds: [] };
    const charge: Charge = { ...draft, createdAt, states: [state], calls: [], notices: [], expiry: null };
    this.#byId.set(charge.id, charge);
    this.#order.push(charge);
    const sameReference = this.#byReference.get(charge.reference);
    if (sameReference) sameReference.push(charge);
    else this.#byReference.set(charge.reference, [charge]);
    if (this.#byId.size > this.#maxCharges) this.#dropOldest();
    return charge;
  }

  /** Records the next state of a charge and returns it. A charge that is no longer pending loses its expiry timer. */
  applyChange(charge: Charge, change: Change): ChargeState {
    const next: ChargeState = { ...stateOf(charge), ...change, at: this.#clock.now(), realAt: Date.now() };
    charge.states.push(next);
    for (const id of partIds(change)) this.#byPart.set(id, charge);
    if (next.lifecycle !== 'pending') charge.expiry?.cancel();
    return next;
  }

  byId(provider: ProviderName, account: string, id: string): Charge | undefined {
    const charge = this.#byId.get(id);
    return charge?.provider === provider && charge.account === account ? charge : undefined;
  }

  /** The newest charge that one account made under this reference. */
  byReference(provider: ProviderName, account: string, reference: string): Charge | undefined {
    return this.#byReference.get(reference)?.findLast((charge) => charge.provider === provider && charge.account === account);
  }

  /** The charge that has a payment or a refund with this id. */
  byPart(provider: ProviderName, account: string, partId: string): Charge | undefined {
    const charge = this.#byPart.get(partId);
    return charge?.provider === provider && charge.account === account ? charge : undefined;
  }

  /** Searches all providers and accounts: the charge with this provider id, else the newest one with this reference. */
  find(referenceOrId: string): Charge | undefined {
    return this.#byId.get(referenceOrId) ?? this.#byReference.get(referenceOrId)?.at(-1);
  }

  /** All charges, or those with one reference, newest first. */
  newestFirst(reference?: string): readonly Charge[] {
    if (reference !== undefined) return this.#byReference.get(reference)?.toReversed() ?? [];
    return this.#order.slice(this.#head).reverse();
  }

  clear(): void {
    this.#byId.clear();
    this.#byReference.clear();
    this.#byPart.clear();
    this.#order = [];
    this.#head = 0;
    this.#dropped = 0;
  }

  #dropOldest(): void {
    const oldest = this.#order[this.#head];
    if (!oldest) return;
    this.#head += 1;
    if (this.#head > this.#maxCharges) {
      this.#order = this.#order.slice(this.#head);
      this.#head = 0;
    }
    oldest.expiry?.cancel();
    this.#byId.delete(oldest.id);
    for (const id of partIds(stateOf(oldest))) this.#byPart.delete(id);
    const sameReference = this.#byReference.get(oldest.reference)?.filter((charge) => charge !== oldest) ?? [];
    if (sameReference.length > 0) this.#byReference.set(oldest.reference, sameReference);
    else this.#byReference.delete(oldest.reference);
    this.#dropped += 1;
    this.#onDrop(this.#dropped);
  }
}

function partIds({ payment, refunds = [] }: Change): string[] {
  const ids = refunds.map(({ id }) => id);
  return payment ? [payment.id, ...ids] : ids;
}
