import { cancellationJob } from '@gateway/api/src/payments/cancellation-job.ts';
import { rupiah } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { leases, payments, refunds } from '@gateway/shared/store';
import fc from 'fast-check';
import type { ModelRun } from './model-run.ts';
import {
  anyIndex,
  canBeRead,
  displayedQrs,
  isRefundable,
  minute,
  openPayments,
  pick,
  second,
  step,
  takeDeliveriesAbout,
  undisplayedQrs,
  weighted,
} from './step.ts';

/** @throws when the press makes a payment although everything is paid */
export async function pressWithNothingDue({ worker, scenario }: Pick<ModelRun, 'worker' | 'scenario'>): Promise<void> {
  const second = await worker.created({ orderId: scenario.orderId }).catch(() => null);
  const isKnown = scenario.records.payments.some(({ id }) => id === second?.id);
  if (second && !isKnown) throw new Error(`a press made ${second.id} although nothing is due`);
}

/** The till refunds a part of accepted money. Its job runs later. */
export async function requestRefund(
  { worker, scenario }: Pick<ModelRun, 'worker' | 'scenario'>,
  { n, part }: { n: number; part: number },
): Promise<void> {
  const record = pick(scenario.records.payments.filter(isRefundable), n);
  const payment = record && (await worker.reload(record));
  const accepted = payment && (await worker.attempts(payment)).find((attempt) => attempt.accepted);
  if (!accepted?.paid) return;
  const refund = {
    payment,
    attemptNo: accepted.no,
    amount: rupiah(Math.floor(accepted.paid * part)),
    cause: 'client',
    reason: 'a dish was cold',
    at: worker.clock.now(),
  } as const;
  await inTransaction(worker.db, (trx) => refunds.open(trx, refund));
}

/** The till presses again although everything is paid: no second QR may be shown. */
const pressAgain = weighted(6, 'press again', fc.constant(0), () =>
  step('press again', ({ isPayable, stillDue, host }) => isPayable && stillDue <= 0 && canBeRead(host), pressWithNothingDue),
);

/** What the till requests from the gateway. */
export const tillSteps = [
  pressAgain,
  weighted(
    24,
    'create',
    fc.record({ expiresInMs: fc.constantFrom(minute, 15 * minute), jobState: fc.constantFrom('job runs', 'job waits', 'job is lost') }),
    (order) =>
      step(
        `create(${order.expiresInMs / second} s, its ${order.jobState})`,
        ({ isPayable, stillDue, host }) => isPayable && stillDue > 0 && canBeRead(host),
        async (modelRun) => {
          const { worker, scenario } = modelRun;
          const { id, leaseNo, status } = await worker.created({ orderId: scenario.orderId, expiresInMs: order.expiresInMs });
          if (order.jobState === 'job is lost' || status !== 'created') return;
          scenario.jobs.push({ name: 'charge', payload: { host: 'pos', paymentId: id, leaseNo } });
          if (order.jobState === 'job runs') await modelRun.runQueue();
        },
      ),
  ),
  weighted(4, 'cancel', anyIndex, (n) =>
    step(
      `cancel(${n})`,
      (scenario) => openPayments(scenario).length > 0,
      async ({ worker, scenario }) => {
        const { id } = pick(openPayments(scenario), n);
        const leaseNo = await payments.hide(worker.db.pool, id, 'client', worker.clock.now());
        const hidden = await worker.reload({ id });
        if (leaseNo !== null) scenario.jobs.push({ name: cancellationJob(hidden), payload: { host: 'pos', paymentId: id, leaseNo } });
      },
    ),
  ),
  weighted(2, 'check', anyIndex, (n) =>
    step(
      `check(${n})`,
      ({ records }) => records.payments.length > 0,
      async (modelRun) => {
        const { worker, scenario } = modelRun;
        const { id } = pick(scenario.records.payments, n);
        const now = worker.clock.now();
        const leaseNo = await leases.claimForCaller(worker.db.pool, id, {
          replyTo: 'api',
          now,
          leaseMs: 15 * second,
          unlessRequestedSince: null,
        });
        if (leaseNo !== null) await modelRun.runJob({ name: 'check-payment', payload: { host: 'pos', paymentId: id, leaseNo } });
      },
    ),
  ),
  weighted(6, 'refund', fc.record({ n: anyIndex, part: fc.constantFrom(0.3, 0.6, 1) }), ({ n, part }) =>
    step(
      `refund(${n}, ${part})`,
      ({ records }) => records.payments.some(isRefundable),
      (modelRun) => requestRefund(modelRun, { n, part }),
    ),
  ),
];

/** What guests pay. */
export const guestSteps = [
  weighted(24, 'pay', fc.record({ n: anyIndex, more: fc.constantFrom(0, 0, 0, 0, 2_000, -1_000) }), ({ n, more }) =>
    step(
      `pay(${n}, ${more})`,
      (scenario) => displayedQrs(scenario).length > 0,
      async ({ worker, scenario }) => {
        const charge = pick(displayedQrs(scenario), n);
        worker.simulator.controls.pay(charge.id, { amount: charge.amount + more });
      },
    ),
  ),
  weighted(6, 'pay, webhooks dropped', anyIndex, (n) =>
    step(
      `pay, webhooks dropped(${n})`,
      (scenario) => displayedQrs(scenario).length > 0,
      async ({ worker, scenario, deliveryQueue }) => {
        const charge = pick(displayedQrs(scenario), n);
        worker.simulator.controls.pay(charge.id);
        await deliveryQueue.waitUntilSent(worker.simulator);
        takeDeliveriesAbout(scenario, charge);
      },
    ),
  ),
  weighted(5, 'pay a QR that was not displayed', anyIndex, (n) =>
    step(
      `pay a QR that was not displayed(${n})`,
      (scenario) => undisplayedQrs(scenario).length > 0,
      async (modelRun) => {
        const charge = pick(undisplayedQrs(modelRun.scenario), n);
        modelRun.worker.simulator.controls.pay(charge.id);
        await modelRun.deliveryQueue.waitUntilSent(modelRun.worker.simulator);
        for (const delivery of takeDeliveriesAbout(modelRun.scenario, charge)) await modelRun.deliver(delivery); // only a webhook can reveal such money
      },
    ),
  ),
];
