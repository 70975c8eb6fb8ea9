import type { Charge, ChargeState, ProviderName } from './charge.ts';
import { stateOf } from './charge.ts';
import type { SimulatorClock } from './simulator-clock.ts';

/** A charge that is about to exist. */
export type NewCharge = Omit<Charge, 'createdAt' | 'states' | 'calls' | 'notices' | 'expiry'> & { lifecycle: 'pending' | 'failed' };

/** What a change may touch. */
export type Change = Partial<Pick<ChargeState, 'lifecycle' | 'payment' | 'refunds'>>;

/**
 * Every charge of both providers, with all its states: the independent truth that a gateway's records are compared with.
 * Keeps the newest `maxCharges`; when it drops an older one it says so.
 */
export class ChargeBook {
  readonly #clock: SimulatorClock;
  readonly #maxCharges: number;
  readonly #onDrop: (dropped: number) => void;
  readonly #byId = new Map<string, Charge>();
  readonly #byReference = new Map<string, Charge[]>();
  /** By the ids of payments and refunds. */
  readonly #byPart = new Map<string, Charge>();
  /** Oldest first. Those before `#head` are dropped: taking the first key of a Map again and again is slow, its tombstones are walked each time. */
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

  /** How many charges were dropped to make room. */
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

  /** Writes the next state of a charge and returns it. */
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

  /** The charge that a payment or a refund belongs to. */
  byPart(provider: ProviderName, account: string, partId: string): Charge | undefined {
    const charge = this.#byPart.get(partId);
    return charge?.provider === provider && charge.account === account ? charge : undefined;
  }

  /** For whoever stands outside the providers: by reference (the newest one), or by the provider's own id. */
  find(referenceOrId: string): Charge | undefined {
    return this.#byId.get(referenceOrId) ?? this.#byReference.get(referenceOrId)?.at(-1);
  }

  /** Newest first; narrowed to one reference when it is given. */
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
