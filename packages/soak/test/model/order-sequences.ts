import type { Charge } from '@gateway/simulator';
import fc from 'fast-check';
import type { HostState } from './host-states.ts';
import { mayBe, orderChanges, reopen } from './host-steps.ts';
import { isOnDisplay } from './invariants.ts';
import { InvariantViolated, type ModelRun, type Scenario } from './model-run.ts';
import { canPress, isRecordedAsPaid, pass, payAndDeliver, paymentOf, press } from './press-and-pay.ts';
import { minute, second, sequence, weighted } from './step.ts';
import { pressWithNothingDue } from './till-steps.ts';

const pollMs = 11 * second; // each provider allows the next poll of a QR by then

/** A paid order is opened again with one more dish, and is paid again by QR: the kitchen cooks the new dish only. */
async function reopenPressAndPay(modelRun: ModelRun): Promise<boolean> {
  const { scenario } = modelRun;
  const first = await press(modelRun);
  if (first) await payAndDeliver(modelRun, first);
  if (!reopen.isPossible(scenario)) return false;
  await reopen.run(modelRun);
  await modelRun.observe();
  const { length } = scenario.records.releases;
  const second = await press(modelRun);
  if (second) await payAndDeliver(modelRun, second);
  return length > 0 && scenario.records.releases.length > length;
}

type Change = keyof typeof orderChanges;

/** The order changes while its QR is on display: two polls see it, or the guest pays first. */
async function changeWhileOnDisplay(modelRun: ModelRun, change: Change, pays: boolean): Promise<boolean> {
  const { scenario } = modelRun;
  const charge = await press(modelRun);
  const { isPossible, run } = orderChanges[change];
  if (!charge || !isPossible(scenario)) return false;
  await run(modelRun);
  await modelRun.observe();
  if (pays) await payAndDeliver(modelRun, charge);
  else await pass(modelRun, { ms: pollMs, times: 2 });
  if (pays) return isRecordedAsPaid(scenario, charge);
  const payment = paymentOf(scenario, charge);
  const isShown = payment !== undefined && isOnDisplay(payment, scenario.now());
  return isShown === (change === 'a dish is swapped'); // the amount due is the same, so the QR stays
}

type UnusualState = Exclude<HostState, 'as usual'>;

interface HostTime {
  state: UnusualState;
  /** How long the state lasts after the money arrived, milliseconds. */
  forMs: number;
  /** What is still due is paid in cash as soon as the state ends. */
  takesCash: boolean;
}

/** Money arrives while something is wrong with the host, and the till presses again. */
async function payToHostThatIs(modelRun: ModelRun, { state, forMs, takesCash }: HostTime): Promise<boolean> {
  const { scenario } = modelRun;
  const charge = await press(modelRun);
  if (!charge) return false;
  await scenario.host.become(state, scenario.orderId);
  await modelRun.observe();
  await payAndDeliver(modelRun, charge);
  const isMet = hasMet(scenario, state, charge);
  if (state === 'unreadable') expectRecorded(scenario, charge, 'at once, because no waiting makes the order readable');
  await pass(modelRun, { ms: forMs });
  if (forMs > lockPatienceMs) expectRecorded(scenario, charge, 'although an editor holds the order');
  if (state === 'books later' && scenario.isPayable && scenario.stillDue <= 0) await pressWithNothingDue(modelRun);
  await scenario.host.become('as usual', scenario.orderId);
  await modelRun.observe();
  if (takesCash && orderChanges.cash.isPossible(scenario)) await orderChanges.cash.run(modelRun);
  await modelRun.observe();
  await pass(modelRun, { ms: 5 * minute });
  return isMet;
}

const lockPatienceMs = 10 * second; // as model-run.ts starts the worker

/** @throws when money that both the provider and its webhook report is not recorded */
function expectRecorded(scenario: Scenario, charge: Charge, why: string): void {
  if (!isRecordedAsPaid(scenario, charge)) throw new InvariantViolated(`the money of ${charge.reference} must be recorded ${why}`);
}

/** Whether the state of the host kept the money from being booked at once. */
function hasMet(scenario: Scenario, state: UnusualState, charge: Charge): boolean {
  const { order, hostPayments, hostWrites } = scenario.records;
  if (state === 'books later')
    return hostPayments.reduce((sum, { status, amount }) => sum + (status === 'settled' ? amount : 0), 0) > order.paid;
  const isDeferred = hostWrites.some(({ paymentId, doneAt }) => paymentId === paymentOf(scenario, charge)?.id && !doneAt);
  return isDeferred || !isRecordedAsPaid(scenario, charge);
}

const changeSequence = (change: Change, weight: number) =>
  weighted(weight, `${change}, QR on display`, fc.boolean(), (pays) =>
    sequence(`${change}, QR on display(${pays ? 'paid' : 'polled'})`, canPress, (modelRun) => changeWhileOnDisplay(modelRun, change, pays)),
  );

const stateSequence = (state: UnusualState, weight: number) =>
  weighted(
    weight,
    `paid while the host is ${state}`,
    fc.record({ forMs: fc.constantFrom(3 * second, 40 * second, 5 * minute), takesCash: fc.boolean() }),
    ({ forMs, takesCash }) =>
      sequence(
        `paid while the host is ${state}(${forMs / second} s${takesCash ? ', then cash' : ''})`,
        (scenario) => canPress(scenario) && mayBe(state, scenario.software),
        (modelRun) => payToHostThatIs(modelRun, { state, forMs, takesCash }),
      ),
  );

/** What happens to an order around its payment, in an order that single random steps rarely take. */
export const orderSequences = [
  weighted(7, 'reopen, press and pay', fc.constant(0), () =>
    sequence(
      'reopen, press and pay',
      (scenario) => canPress(scenario) || (scenario.host.now === 'as usual' && reopen.isPossible(scenario)),
      reopenPressAndPay,
    ),
  ),
  changeSequence('the guest orders more', 3),
  changeSequence('a dish becomes cheaper', 3),
  changeSequence('a dish is swapped', 3),
  changeSequence('cash', 2),
  changeSequence('part cash', 3),
  changeSequence('void', 2),
  changeSequence('delete', 1),
  stateSequence('locked', 4),
  stateSequence('unreadable', 4),
  stateSequence('books later', 4),
];
