import type { z } from 'zod';
import type { CallLog } from './call-log.ts';
import { type Charge, type ProviderName, refundedOrPending, stateOf } from './charge.ts';
import type { ChargeBook } from './charge-book.ts';
import { deliverySettings } from './delivery-rules.ts';
import { type ActiveFault, faultRule } from './faults.ts';
import type { ForgedStatus } from './payer-actions.ts';
import type { ProviderFake } from './provider-fake.ts';
import type { SimulatorClock } from './simulator-clock.ts';
import type { SomeSwitches, Switches } from './switches.ts';
import { someSwitches } from './switches.ts';

/** No charge has this reference or id. */
export class UnknownCharge extends Error {
  override readonly name = 'UnknownCharge';
}

/** How a charge is paid. */
export interface PayOptions {
  /** The payer's app; default `dana`. */
  issuer?: string;
  /** Whole rupiah; null, the default: the amount of the charge. */
  amount?: number | null;
  /** How often the webhook is delivered; default 1. */
  deliveries?: number;
  /** Real milliseconds until the webhook is sent, default 0. The charge itself is paid at once. */
  delayMs?: number;
}

/** What the controls act on. */
export interface ControlledParts {
  fakes: Readonly<Record<ProviderName, ProviderFake>>;
  book: ChargeBook;
  callLog: CallLog;
  clock: SimulatorClock;
  switches: Switches;
}

/** What the simulator is made of, for its HTTP controls and for tests. */
export interface SimulatorParts extends ControlledParts {
  controls: Controls;
}

/** What a person or a test can do: pay, expire or fail a charge, set faults, delivery rules and switches. The HTTP controls call these methods. */
export class Controls {
  readonly #parts: ControlledParts;
  readonly #speedAtStart: number;

  constructor(parts: ControlledParts, speedAtStart: number) {
    this.#parts = parts;
    this.#speedAtStart = speedAtStart;
  }

  /** @param reference the merchant's reference, or the provider's own id. @throws UnknownCharge */
  charge(reference: string): Charge {
    const charge = this.#parts.book.find(reference);
    if (!charge) throw new UnknownCharge(`no charge has the reference ${reference}`);
    return charge;
  }

  /** The payer scans the QR and pays, also when the charge is closed. @throws UnknownCharge, ActionNotPossible */
  pay(reference: string, { issuer = 'dana', amount = null, deliveries = 1, delayMs = 0 }: PayOptions = {}): Charge {
    const charge = this.#unpaidWithSameReference(this.charge(reference), reference);
    this.#actions(charge).pay(charge, { issuer, amount }, { copies: deliveries, delayMs });
    return charge;
  }

  /** The charge expires unpaid. @throws UnknownCharge, ActionNotPossible */
  expire(reference: string): Charge {
    const charge = this.charge(reference);
    this.#actions(charge).expire(charge);
    return charge;
  }

  /** The provider gives the charge up. @throws UnknownCharge, ActionNotPossible */
  fail(reference: string): Charge {
    const charge = this.charge(reference);
    this.#actions(charge).fail(charge);
    return charge;
  }

  /** A merchant refunds the payer at the provider's dashboard, by default the whole amount and without a name. @throws UnknownCharge, ActionNotPossible */
  refund(reference: string, { amount, refundReference = null }: { amount?: number; refundReference?: string | null } = {}): Charge {
    const charge = this.charge(reference);
    const left = (stateOf(charge).payment?.amount ?? 0) - refundedOrPending(stateOf(charge));
    this.#actions(charge).refundAtDashboard(charge, { amount: amount ?? left, reference: refundReference });
    return charge;
  }

  /** The provider takes the payment back. @throws UnknownCharge, ActionNotPossible */
  reverse(reference: string): Charge {
    const charge = this.charge(reference);
    this.#actions(charge).reverse(charge);
    return charge;
  }

  /** Sends a validly signed webhook that reports a false status. @throws UnknownCharge, ActionNotPossible */
  forge(reference: string, status: ForgedStatus): Charge {
    const charge = this.charge(reference);
    this.#actions(charge).forge(charge, status);
    return charge;
  }

  /** Adds a fault rule to the provider. @returns all rules in force. @throws ZodError */
  addFault(provider: ProviderName, rule: z.input<typeof faultRule>): readonly ActiveFault[] {
    const { faults } = this.#parts.fakes[provider];
    faults.add(faultRule.parse(rule));
    return faults.rules;
  }

  /** Removes the fault rules of one operation, or all of them. */
  clearFaults(provider: ProviderName, operation?: string): void {
    this.#parts.fakes[provider].faults.clear(operation);
  }

  /** Replaces the delivery rules. An omitted field gets its default. @throws ZodError */
  setDeliveryRules(provider: ProviderName, rules: z.input<typeof deliverySettings>): void {
    this.#parts.fakes[provider].deliveryRules.set(deliverySettings.parse(rules));
  }

  /** Changes some switches and leaves the others. @throws ZodError */
  setSwitches(changes: SomeSwitches): void {
    this.#parts.switches.set(someSwitches.parse(changes));
  }

  /** Removes charges, calls, faults and undelivered webhooks; sets switches and speed as at the start. Accounts stay, and time does not go back. */
  reset(): void {
    const { fakes, book, callLog, clock, switches } = this.#parts;
    clock.clear();
    for (const fake of Object.values(fakes)) fake.reset();
    book.clear();
    callLog.clear();
    switches.reset();
    clock.setSpeed(this.#speedAtStart);
  }

  #actions(charge: Charge) {
    return this.#parts.fakes[charge.provider].actions;
  }

  /** At Xendit two charges may have the same reference: the payer pays the newest one that is unpaid. */
  #unpaidWithSameReference(newest: Charge, reference: string): Charge {
    if (!stateOf(newest).payment) return newest;
    return this.#parts.book.newestFirst(reference).find((charge) => !stateOf(charge).payment) ?? newest;
  }
}
