import { type Charge, type ProviderName, stateOf } from '@gateway/simulator';
import { chargeJobOf } from '@gateway/testing/worker/charge-job';
import { isOnDisplay } from './invariants.ts';
import type { ModelRun, Scenario } from './model-run.ts';
import { canBeRead, displayedQrs, hold, minute, takeDeliveriesAbout } from './step.ts';

/** True when a till can get a QR for the order. */
export const canPress = ({ isPayable, stillDue, host }: Scenario): boolean => isPayable && stillDue > 0 && canBeRead(host);

/**
 * A till presses while both providers work, and the job runs. @param at the provider that makes a new QR; default: by the holds
 * @returns the unpaid charge on display; null when there is none
 */
export async function press(modelRun: ModelRun, at?: ProviderName): Promise<Charge | null> {
  const { worker, scenario } = modelRun;
  if (!canPress(scenario)) return null;
  if (at) hold(modelRun, [at === 'midtrans' ? 'xendit' : 'midtrans']);
  for (const provider of ['midtrans', 'xendit'] as const) worker.simulator.controls.clearFaults(provider);
  const { id, ...opened } = await scenario.software.open(scenario.orderId, 15 * minute);
  if (opened.status === 'created') await modelRun.runJob(chargeJobOf({ id, ...opened }, worker.settings));
  await modelRun.observe();
  const payment = scenario.records.payments.find((each) => each.id === id && isOnDisplay(each, scenario.now()));
  return displayedQrs(scenario).find(({ reference }) => reference === `${payment?.reference}-${payment?.shownAttempt}`) ?? null;
}

/** The guest pays the charge, its webhooks are delivered, and their jobs run. */
export async function payAndDeliver(modelRun: ModelRun, charge: Charge): Promise<void> {
  const { worker, scenario, deliveryQueue } = modelRun;
  if (!stateOf(charge).payment) worker.simulator.controls.pay(charge.id);
  await deliveryQueue.waitUntilSent(worker.simulator);
  for (const delivery of takeDeliveriesAbout(scenario, charge)) await modelRun.deliver(delivery);
  await modelRun.runQueue();
  await modelRun.observe();
}

/** Time passes, and the jobs that are due run, this many times. */
export async function pass(modelRun: ModelRun, { ms, times = 1 }: { ms: number; times?: number }): Promise<void> {
  for (let n = 0; n < times; n++) {
    modelRun.worker.advance(ms);
    await modelRun.sweep();
    await modelRun.observe();
  }
}

export const paymentOf = ({ records }: Scenario, charge: Charge) =>
  records.payments.find(({ id }) => id === attemptOf(records, charge)?.paymentId);
export const isRecordedAsPaid = ({ records }: Scenario, charge: Charge): boolean => attemptOf(records, charge)?.status === 'paid';
const attemptOf = ({ attempts }: Scenario['records'], charge: Charge) => attempts.find(({ reference }) => reference === charge.reference);
