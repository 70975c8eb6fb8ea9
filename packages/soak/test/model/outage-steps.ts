import { due } from '@gateway/shared/store';
import { type Charge, stateOf } from '@gateway/simulator';
import { jobFor } from '@gateway/worker/src/sweep/due-job.ts';
import fc from 'fast-check';
import type { ModelRun, Scenario } from './model-run.ts';
import { anyIndex, displayedQrs, minute, pick, second, step, takeDeliveriesAbout, weighted } from './step.ts';

/** What is left of a paid charge beside its refunds, also those that are pending. */
function leftOf(charge: Charge): number {
  const { payment, refunds } = stateOf(charge);
  return (payment?.amount ?? 0) - refunds.filter(({ status }) => status !== 'failed').reduce((sum, { amount }) => sum + amount, 0);
}
const refundableCharges = (scenario: Scenario) => scenario.charges().filter((charge) => leftOf(charge) > 0);

/** Both providers refuse every call until the payment has expired. */
async function outageOverExpiry({ worker, scenario, deliveryQueue, sweep }: ModelRun, charge: Charge, isPaid: boolean): Promise<void> {
  const { controls } = worker.simulator;
  for (const provider of ['midtrans', 'xendit'] as const) controls.addFault(provider, { operation: 'any', fault: 'refuse', times: null });
  if (isPaid) {
    controls.pay(charge.id);
    await deliveryQueue.waitUntilSent(worker.simulator);
    takeDeliveriesAbout(scenario, charge);
  }
  for (let n = 0; n < 4; n++) {
    worker.advance(4 * minute + second);
    await sweep();
  }
  for (const provider of ['midtrans', 'xendit'] as const) controls.clearFaults(provider);
}

/** A poll's answer takes 4.5 s: it was true when the provider read it, and the guest pays or the till cancels meanwhile. */
async function slowStatus(modelRun: ModelRun, charge: Charge, pays: boolean): Promise<void> {
  const { worker, deliveryQueue, scenario } = modelRun;
  worker.advance(4 * second);
  const jobs = (await due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 })).map(jobFor);
  worker.simulator.controls.addFault(charge.provider, { operation: 'status', fault: 'slow', delay_ms: 10, times: 1 });
  const running = jobs.map((job) => modelRun.runJob(job));
  if (pays && !stateOf(charge).payment) {
    worker.simulator.controls.pay(charge.id);
    await deliveryQueue.waitUntilSent(worker.simulator);
    for (const delivery of takeDeliveriesAbout(scenario, charge)) await modelRun.deliver(delivery);
  }
  worker.advance(4.5 * second);
  await Promise.all([modelRun.runQueue(), ...running]);
}

/** Outages, slow answers, and what people do at the provider's dashboard. */
export const outageSteps = [
  weighted(4, fc.record({ n: anyIndex, isPaid: fc.boolean() }), ({ n, isPaid }) =>
    step(
      `outage over expiry(${n}${isPaid ? ', paid in it' : ''})`,
      (scenario) => displayedQrs(scenario).length > 0,
      (modelRun) => outageOverExpiry(modelRun, pick(displayedQrs(modelRun.scenario), n), isPaid),
    ),
  ),
  weighted(5, fc.record({ n: anyIndex, pays: fc.boolean() }), ({ n, pays }) =>
    step(
      `slow status(${n}${pays ? ', paid meanwhile' : ''})`,
      (scenario) => displayedQrs(scenario).length > 0,
      (modelRun) => slowStatus(modelRun, pick(displayedQrs(modelRun.scenario), n), pays),
    ),
  ),
  weighted(6, fc.record({ n: anyIndex, part: fc.constantFrom(0, 0.4, 1) }), ({ n, part }) =>
    step(
      `refund at the dashboard(${n}, ${part})`,
      (scenario) => refundableCharges(scenario).length > 0,
      async (modelRun) => {
        const { worker, scenario, deliveryQueue } = modelRun;
        const charge = pick(refundableCharges(scenario), n);
        worker.simulator.controls.refund(charge.id, { amount: Math.ceil(leftOf(charge) * part) || 1 });
        await deliveryQueue.waitUntilSent(worker.simulator);
        for (const delivery of takeDeliveriesAbout(scenario, charge)) await modelRun.deliver(delivery); // only a webhook can reveal it
      },
    ),
  ),
];
