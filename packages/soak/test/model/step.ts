import { isOpen } from '@gateway/shared/payment';
import { type Charge, type Controls, type ProviderName, stateOf } from '@gateway/simulator';
import fc from 'fast-check';
import type { Delivery } from './deliveries.ts';
import type { HostStates } from './host-states.ts';
import { type ModelRun, referencesIn, type Scenario } from './model-run.ts';
import type { PaymentRecord } from './records.ts';

export type Step = fc.AsyncCommand<ModelRun, ModelRun>;
export type FaultName = Parameters<Controls['addFault']>[1]['fault'];

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** A step of a scenario: it runs if it is possible now, and afterwards all invariants must hold. */
export function step(name: string, isPossible: (scenario: Scenario) => boolean, action: (modelRun: ModelRun) => unknown): Step {
  return {
    check: ({ scenario }) => isPossible(scenario),
    run: async (_, modelRun) => {
      modelRun.scenario.steps.push(name);
      await action(modelRun);
      await modelRun.observe();
    },
    toString: () => name,
  };
}

export const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
export const anyIndex = fc.nat(7);
export const providers = fc.constantFrom<ProviderName>('midtrans', 'xendit');

/** True for a payment with accepted money that can still be refunded. */
export const isRefundable = ({ status }: PaymentRecord): boolean => status === 'paid' || status === 'partially_refunded';
export const openPayments = ({ records }: Scenario) => records.payments.filter(isOpen);

/** Unpaid charges whose QR was displayed: a guest may pay them while the gateway still polls, also after they closed. */
export function displayedQrs({ records, charges, now }: Scenario): Charge[] {
  const shown = records.payments
    .filter(({ watchUntil }) => watchUntil && new Date(watchUntil) > now())
    .map(({ reference, shownAttempt }) => `${reference}-${shownAttempt}`);
  return charges().filter((charge) => shown.includes(charge.reference) && isPayable(charge));
}

/** Unpaid charges whose QR was never displayed. They cannot be scanned; a step pays them to test the unexpected. */
export function undisplayedQrs(scenario: Scenario): Charge[] {
  const shown = scenario.records.payments.map(({ reference, shownAttempt }) => `${reference}-${shownAttempt}`);
  return scenario.charges().filter((charge) => !shown.includes(charge.reference) && isPayable(charge));
}

const isPayable = (charge: Charge): boolean => charge.qrString !== null && !stateOf(charge).payment;

/** A generator of steps that is chosen with this weight. */
export const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>, make: (value: T) => Step) => ({
  weight,
  arbitrary: arbitrary.map(make),
});

export function hasDeliveries({ deliveries }: Scenario): boolean {
  return deliveries.length > 0;
}

/** True while neither a renamed column nor an editor keeps others from the order. */
export const canBeRead = ({ now }: HostStates): boolean => now === 'as usual' || now === 'books later';

/** Removes a delivery from the queue. @returns it */
export function takeDelivery({ deliveries }: Scenario, n: number): Delivery {
  return deliveries.splice(n % deliveries.length, 1)[0] as Delivery;
}

/** Removes all deliveries about a charge from the queue. @returns them */
export function takeDeliveriesAbout({ deliveries }: Scenario, { reference }: Charge): Delivery[] {
  const found = deliveries.filter(({ body }) => referencesIn(body).includes(reference));
  for (const delivery of found) deliveries.splice(deliveries.indexOf(delivery), 1);
  return found;
}

export const pendingCharges = ({ charges }: Scenario) => charges().filter((charge) => stateOf(charge).lifecycle === 'pending');
