import type { z } from 'zod';
import type { CallLedger } from './call-ledger.ts';
import { type Charge, type ProviderName, stateOf } from './charge.ts';
import type { ChargeBook } from './charge-book.ts';
import { faultRule, type StandingFault } from './faults.ts';
import type { Claim } from './provider-desk.ts';
import type { SimulatorClock } from './simulator-clock.ts';
import type { StandIn } from './stand-in.ts';
import type { SomeSwitches, Switches } from './switches.ts';
import { someSwitches } from './switches.ts';
import { travelRules } from './travel.ts';

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
  standIns: Readonly<Record<ProviderName, StandIn>>;
  book: ChargeBook;
  ledger: CallLedger;
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
    if (!charge) throw new UnknownCharge(`no charge bears the reference ${reference}`);
    return charge;
  }

  /** The customer scans and pays, late too. @throws UnknownCharge, ChargeRefuses */
  pay(reference: string, { issuer = 'dana', amount = null, deliveries = 1, delayMs = 0 }: PayOptions = {}): Charge {
    const charge = this.#unpaidNamesake(this.charge(reference), reference);
    this.#desk(charge).pay(charge, { issuer, amount }, { copies: deliveries, delayMs });
    return charge;
  }

  /** The provider lets it lapse. @throws UnknownCharge, ChargeRefuses */
  expire(reference: string): Charge {
    const charge = this.charge(reference);
    this.#desk(charge).expire(charge);
    return charge;
  }

  /** The provider gives up on it. @throws UnknownCharge, ChargeRefuses */
  fail(reference: string): Charge {
    const charge = this.charge(reference);
    this.#desk(charge).fail(charge);
    return charge;
  }

  /** Well-signed news that is not true. @throws UnknownCharge, ChargeRefuses */
  claim(reference: string, status: Claim): Charge {
    const charge = this.charge(reference);
    this.#desk(charge).claim(charge, status);
    return charge;
  }

  /** @throws ZodError */
  addFault(provider: ProviderName, rule: z.input<typeof faultRule>): readonly StandingFault[] {
    const { faults } = this.#parts.standIns[provider];
    faults.add(faultRule.parse(rule));
    return faults.rules;
  }

  clearFaults(provider: ProviderName, operation?: string): void {
    this.#parts.standIns[provider].faults.clear(operation);
  }

  /** Replaces the travel rules; what is left out is back at its default. @throws ZodError */
  setTravel(provider: ProviderName, rules: z.input<typeof travelRules>): void {
    this.#parts.standIns[provider].travel.set(travelRules.parse(rules));
  }

  /** @throws ZodError */
  setSwitches(some: SomeSwitches): void {
    this.#parts.switches.set(someSwitches.parse(some));
  }

  /** As it was at the start: no charges, calls, faults or news on its way; switches and speed as they were set up. Time does not go back. */
  reset(): void {
    const { standIns, book, ledger, clock, switches, speedAtStart } = this.#parts;
    clock.clear();
    for (const standIn of Object.values(standIns)) standIn.reset();
    book.clear();
    ledger.clear();
    switches.reset();
    clock.setSpeed(speedAtStart);
  }

  #desk(charge: Charge) {
    return this.#parts.standIns[charge.provider].desk;
  }

  /** Xendit lets two charges bear one reference: the payer takes the newest QR that is not paid yet. */
  #unpaidNamesake(newest: Charge, reference: string): Charge {
    if (!stateOf(newest).payment) return newest;
    return this.#parts.book.newestFirst(reference).find((charge) => !stateOf(charge).payment) ?? newest;
  }
}
