import { isOpen } from '@gateway/shared/payment';
import { type Charge, type Controls, type ProviderName, stateOf } from '@gateway/simulator';
import fc from 'fast-check';
import type { Delivery } from './deliveries.ts';
import type { HostStates } from './host-states.ts';
import { type ModelRun, referencesIn, type Scenario } from './model-run.ts';
import type { PaymentRecord } from './records.ts';

type Step = fc.AsyncCommand<ModelRun, ModelRun>;
export type FaultName = Parameters<Controls['addFault']>[1]['fault'];

/** A step before it has a kind. */
interface StepDescription {
  name: string;
  isPossible: (scenario: Scenario) => boolean;
  action: (modelRun: ModelRun) => unknown;
  /** How it is known that the step had an effect. `rows`: a row differs after it. `reported`: by its result. `later`: it changes what later steps meet. */
  effect: 'rows' | 'reported' | 'later';
}

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;

type DescribeStep = (name: string, isPossible: StepDescription['isPossible'], action: StepDescription['action']) => StepDescription;

/** A step of a scenario. It has an effect when a row of the gateway or of the host differs after it. */
export const step: DescribeStep = (name, isPossible, action) => ({ name, isPossible, action, effect: 'rows' });

/** A step that changes what later steps meet: a fault, a policy, a state of the host. */
export const condition: DescribeStep = (name, isPossible, action) => ({ name, isPossible, action, effect: 'later' });

/** A step of several parts, which single random steps rarely are in this order. @param action resolves to whether the last part did what it is for */
export const sequence = (name: string, isPossible: StepDescription['isPossible'], action: (modelRun: ModelRun) => Promise<boolean>) =>
  ({ name, isPossible, action, effect: 'reported' }) satisfies StepDescription;

/** A step runs if it is possible now, and afterwards all invariants must hold. */
const commandOf = (kind: string, { name, isPossible, action, effect }: StepDescription): Step => ({
  check: ({ scenario }) => isPossible(scenario),
  run: async (_, modelRun) => {
    const { scenario } = modelRun;
    const before = JSON.stringify(scenario.records);
    const result = await action(modelRun);
    await modelRun.observe();
    const isChanged = JSON.stringify(scenario.records) !== before;
    scenario.taken.push({ kind, hadEffect: { rows: isChanged, reported: result === true, later: null }[effect] });
  },
  toString: () => name,
});

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

/** A generator of steps of one kind, which is chosen with this weight. */
export const weighted = <T>(weight: number, kind: string, arbitrary: fc.Arbitrary<T>, describe: (value: T) => StepDescription) => ({
  weight,
  kind,
  arbitrary: arbitrary.map((value) => commandOf(kind, describe(value))),
});

/** A generator of a step without parameters: its name is its kind. */
export const always = (weight: number, kind: string, isPossible: StepDescription['isPossible'], action: StepDescription['action']) =>
  weighted(weight, kind, fc.constant(0), () => step(kind, isPossible, action));

/** Operators hold these providers, and no others. */
export function hold({ worker }: ModelRun, held: readonly ProviderName[]): void {
  worker.settings.holds = held.map((provider) => ({ provider, account: '*', storeId: '*', heldAt: worker.clock.now() }));
}

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
