import { due } from '@gateway/shared/store';
import { type Charge, type ProviderName, stateOf } from '@gateway/simulator';
import { jobFor } from '@gateway/worker/src/sweep/due-job.ts';
import fc from 'fast-check';
import type { ModelRun, Scenario } from './model-run.ts';
import { canPress, isRecordedAsPaid, pass, payAndDeliver, paymentOf, press } from './press-and-pay.ts';
import { anyIndex, displayedQrs, minute, pick, providers, second, sequence, takeDeliveriesAbout, weighted } from './step.ts';
import { requestRefund } from './till-steps.ts';

/** What is left of a paid charge beside its refunds, also those that are pending. */
function leftOf(charge: Charge): number {
  const { payment, refunds } = stateOf(charge);
  return (payment?.amount ?? 0) - refunds.filter(({ status }) => status !== 'failed').reduce((sum, { amount }) => sum + amount, 0);
}
const refundableCharges = (scenario: Scenario) => scenario.charges().filter((charge) => leftOf(charge) > 0);

const canGetQr = (scenario: Scenario): boolean => canPress(scenario) || displayedQrs(scenario).length > 0;

/** A new QR, or one that was on display before. */
async function anyQr(modelRun: ModelRun, n: number): Promise<Charge | null> {
  return (await press(modelRun)) ?? pick(displayedQrs(modelRun.scenario), n) ?? null;
}

/** Both providers refuse every call until the payment has expired. The guest may have paid before. */
async function outageOverExpiry(modelRun: ModelRun, n: number, isPaid: boolean): Promise<boolean> {
  const { worker, scenario, deliveryQueue } = modelRun;
  const { controls } = worker.simulator;
  const charge = await anyQr(modelRun, n);
  if (!charge) return false;
  for (const provider of ['midtrans', 'xendit'] as const) controls.addFault(provider, { operation: 'any', fault: 'refuse', times: null });
  if (isPaid) {
    controls.pay(charge.id);
    await deliveryQueue.waitUntilSent(worker.simulator);
    takeDeliveriesAbout(scenario, charge);
  }
  await pass(modelRun, { ms: 4 * minute + second, times: 4 });
  const wasOpen = !isRecordedAsPaid(scenario, charge);
  for (const provider of ['midtrans', 'xendit'] as const) controls.clearFaults(provider);
  await pass(modelRun, { ms: 10 * minute, times: 2 });
  return wasOpen && (isPaid ? isRecordedAsPaid(scenario, charge) : paymentOf(scenario, charge)?.status === 'expired');
}

/** A poll's answer takes 4.5 s: it was true when the provider read it, and the guest pays meanwhile. */
async function slowStatus(modelRun: ModelRun, n: number, pays: boolean): Promise<boolean> {
  const { worker } = modelRun;
  const charge = await anyQr(modelRun, n);
  if (!charge) return false;
  worker.advance(4 * second);
  const jobs = (await due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 })).map(jobFor);
  worker.simulator.controls.addFault(charge.provider, { operation: 'status', fault: 'slow', delay_ms: 10, times: 1 });
  const running = jobs.map((job) => modelRun.runJob(job));
  if (pays) await payAndDeliver(modelRun, charge);
  worker.advance(4.5 * second);
  await Promise.all([modelRun.runQueue(), ...running]);
  const isLeft = worker.simulator.fakes[charge.provider].faults.rules.some(({ fault }) => fault === 'slow');
  return !isLeft && (!pays || isRecordedAsPaid(modelRun.scenario, charge));
}

const noticeAfterMs = 11 * second; // the providers' webhooks about a refund that is final are sent by then

interface DashboardRefund {
  n: number;
  part: number;
  /** Where a payment is made first, when none can be refunded. */
  at: ProviderName;
  /** A refund of ours is pending meanwhile. */
  besideOurs: boolean;
}

/** The merchant refunds at the provider's dashboard, also while a refund of ours is pending. Only a webhook can reveal it. */
async function refundAtDashboard(modelRun: ModelRun, { n, part, at, besideOurs }: DashboardRefund): Promise<boolean> {
  const { worker, scenario, deliveryQueue } = modelRun;
  const paying = refundableCharges(scenario).length > 0 ? null : await press(modelRun, at);
  if (paying) await payAndDeliver(modelRun, paying);
  if (besideOurs) await requestRefund(modelRun, { n, part: 0.3 });
  const charge = pick(refundableCharges(scenario), n);
  if (!charge) return false;
  const { length } = scenario.records.discrepancies;
  worker.simulator.controls.refund(charge.id, { amount: Math.ceil(leftOf(charge) * part) || 1 });
  worker.advance(noticeAfterMs);
  await deliveryQueue.waitUntilSent(worker.simulator);
  for (const delivery of scenario.deliveries.splice(0)) await modelRun.deliver(delivery); // it need not name our reference
  await modelRun.runQueue();
  await modelRun.observe();
  return scenario.records.discrepancies.length > length;
}

/** Outages, slow answers, and what people do at the provider's dashboard. */
export const outageSteps = [
  weighted(8, 'outage over expiry', fc.record({ n: anyIndex, isPaid: fc.boolean() }), ({ n, isPaid }) =>
    sequence(`outage over expiry(${n}${isPaid ? ', paid in it' : ''})`, canGetQr, (modelRun) => outageOverExpiry(modelRun, n, isPaid)),
  ),
  weighted(8, 'slow status', fc.record({ n: anyIndex, pays: fc.boolean() }), ({ n, pays }) =>
    sequence(`slow status(${n}${pays ? ', paid meanwhile' : ''})`, canGetQr, (modelRun) => slowStatus(modelRun, n, pays)),
  ),
  weighted(
    8,
    'refund at the dashboard',
    fc.record({ n: anyIndex, part: fc.constantFrom(0, 0.4, 1), at: providers, besideOurs: fc.boolean() }),
    (refund) =>
      sequence(
        `refund at the dashboard(${refund.n}, ${refund.part}, ${refund.at}${refund.besideOurs ? ', beside ours' : ''})`,
        (scenario) => canPress(scenario) || refundableCharges(scenario).length > 0,
        (modelRun) => refundAtDashboard(modelRun, refund),
      ),
  ),
];
