import { type Charge, type Controls, type ProviderName, stateOf } from '@gateway/simulator';
import fc from 'fast-check';
import type { Delivery } from './deliveries.ts';
import { type ModelRun, referencesIn, type Scenario } from './model-run.ts';

export type Step = fc.AsyncCommand<ModelRun, ModelRun>;
export type FaultName = Parameters<Controls['addFault']>[1]['fault'];

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Something that somebody does, if it can be done now. After it all must be well. */
export function step(name: string, isPossible: (scenario: Scenario) => boolean, action: (modelRun: ModelRun) => unknown): Step {
  return {
    check: ({ scenario }) => isPossible(scenario),
    run: async (_, modelRun) => {
      await action(modelRun);
      await modelRun.observe();
    },
    toString: () => name,
  };
}

export const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
export const anyIndex = fc.nat(7);
export const providers = fc.constantFrom<ProviderName>('midtrans', 'xendit');

const isOpen = ({ status }: { status: string }): boolean => status === 'created' || status === 'pending';
export const isSettled = ({ status }: { status: string }): boolean => status === 'paid' || status === 'partially_refunded';
export const openPayments = ({ records }: Scenario) => records.payments.filter(isOpen);

/** QRs that a guest has seen, and may have kept a picture of, for as long as anybody looks. */
export function seenQrs({ records, charges, now }: Scenario): Charge[] {
  const shown = records.payments
    .filter(({ watchUntil }) => watchUntil && new Date(watchUntil) > now())
    .map(({ reference, shownAttempt }) => `${reference}-${shownAttempt}`);
  return charges().filter((charge) => shown.includes(charge.reference) && isPayable(charge));
}

/** Charges whose QR nobody has displayed: they cannot be scanned, and who knows. */
export function unseenQrs(scenario: Scenario): Charge[] {
  const shown = scenario.records.payments.map(({ reference, shownAttempt }) => `${reference}-${shownAttempt}`);
  return scenario.charges().filter((charge) => !shown.includes(charge.reference) && isPayable(charge));
}

const isPayable = (charge: Charge): boolean => charge.qrString !== null && !stateOf(charge).payment;

export const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>, make: (value: T) => Step) => ({
  weight,
  arbitrary: arbitrary.map(make),
});

export function hasDeliveries({ deliveries }: Scenario): boolean {
  return deliveries.length > 0;
}

export function takeDelivery({ deliveries }: Scenario, n: number): Delivery {
  return deliveries.splice(n % deliveries.length, 1)[0] as Delivery;
}

export function deliveriesAbout({ deliveries }: Scenario, { reference }: Charge): Delivery[] {
  const found = deliveries.filter(({ body }) => referencesIn(body).includes(reference));
  for (const delivery of found) deliveries.splice(deliveries.indexOf(delivery), 1);
  return found;
}

export const pendingCharges = ({ charges }: Scenario) => charges().filter((charge) => stateOf(charge).lifecycle === 'pending');
