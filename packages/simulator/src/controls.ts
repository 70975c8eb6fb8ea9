import type { z } from 'zod';
import type { CallLog } from './call-log.ts';
import { type Charge, type ProviderName, stateOf } from './charge.ts';
import type { ChargeBook } from './charge-book.ts';
import { deliverySettings } from './delivery-rules.ts';
import { type ActiveFault, faultRule } from './faults.ts';
import type { ForgedStatus } from './payer-actions.ts';
import type { ProviderFake } from './provider-fake.ts';
import type { SimulatorClock } from './simulator-clock.ts';
import type { SomeSwitches, Switches } from './switches.ts';
import { someSwitches } from './switches.ts';

/** No charge bears this reference. */
export class UnknownCharge extends Error {
  override readonly name = 'UnknownCharge';
}

export interface PayOptions {
  /** The payer's app; `dana` when left out. */
  issuer?: string;
  /** Whole rupiah; null or left out: what the QR says. */
  amount?: number | null;
  /** Copies of the webhook. */
  deliveries?: number;
  /** Real milliseconds before the webhook leaves; the charge itself is paid at once. */
  delayMs?: number;
}

interface ControlsParts {
  fakes: Readonly<Record<ProviderName, ProviderFake>>;
  book: ChargeBook;
  callLog: CallLog;
  clock: SimulatorClock;
  switches: Switches;
  speedAtStart: number;
}

/** What a person, or a test, can do to the simulated world. The HTTP controls and the library are two faces of this. */
export class Controls {
  readonly #parts: ControlsParts;

  constructor(parts: ControlsParts) {
    this.#parts = parts;
  }

  /** @param reference the merchant's reference, or the provider's own id. @throws UnknownCharge */
  charge(reference: string): Charge {
    const charge = this.#parts.book.find(reference);
    if (!charge) throw new UnknownCharge(`no charge has the reference ${reference}`);
    return charge;
  }

  /** The customer scans and pays, late too. @throws UnknownCharge, ChargeRefuses */
  pay(reference: string, { issuer = 'dana', amount = null, deliveries = 1, delayMs = 0 }: PayOptions = {}): Charge {
    const charge = this.#unpaidWithSameReference(this.charge(reference), reference);
    this.#actions(charge).pay(charge, { issuer, amount }, { copies: deliveries, delayMs });
    return charge;
  }

  /** The provider lets it lapse. @throws UnknownCharge, ChargeRefuses */
  expire(reference: string): Charge {
    const charge = this.charge(reference);
    this.#actions(charge).expire(charge);
    return charge;
  }

  /** The provider gives up on it. @throws UnknownCharge, ChargeRefuses */
  fail(reference: string): Charge {
    const charge = this.charge(reference);
    this.#actions(charge).fail(charge);
    return charge;
  }

  /** Well-signed news that is not true. @throws UnknownCharge, ChargeRefuses */
  forge(reference: string, status: ForgedStatus): Charge {
    const charge = this.charge(reference);
    this.#actions(charge).forge(charge, status);
    return charge;
  }

  /** @throws ZodError */
  addFault(provider: ProviderName, rule: z.input<typeof faultRule>): readonly ActiveFault[] {
    const { faults } = this.#parts.fakes[provider];
    faults.add(faultRule.parse(rule));
    return faults.rules;
  }

  clearFaults(provider: ProviderName, operation?: string): void {
    this.#parts.fakes[provider].faults.clear(operation);
  }

  /** Replaces the travel rules; what is left out is back at its default. @throws ZodError */
  setDeliveryRules(provider: ProviderName, rules: z.input<typeof deliverySettings>): void {
    this.#parts.fakes[provider].deliveryRules.set(deliverySettings.parse(rules));
  }

  /** @throws ZodError */
  setSwitches(changes: SomeSwitches): void {
    this.#parts.switches.set(someSwitches.parse(changes));
  }

  /** As it was at the start: no charges, calls, faults or news on its way; switches and speed as they were set up. Time does not go back. */
  reset(): void {
    const { fakes, book, callLog, clock, switches, speedAtStart } = this.#parts;
    clock.clear();
    for (const fake of Object.values(fakes)) fake.reset();
    book.clear();
    callLog.clear();
    switches.reset();
    clock.setSpeed(speedAtStart);
  }

  #actions(charge: Charge) {
    return this.#parts.fakes[charge.provider].actions;
  }

  /** Xendit lets two charges bear one reference: the payer takes the newest QR that is not paid yet. */
  #unpaidWithSameReference(newest: Charge, reference: string): Charge {
    if (!stateOf(newest).payment) return newest;
    return this.#parts.book.newestFirst(reference).find((charge) => !stateOf(charge).payment) ?? newest;
  }
}
