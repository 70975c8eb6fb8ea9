import { cancellationJob } from '@gateway/api/src/payments/cancellation-job.ts';
import { rupiah } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { leases, payments, refunds } from '@gateway/shared/store';
import { chargeJobOf } from '@gateway/testing/worker/charge-job';
import fc from 'fast-check';
import type { ModelRun } from './model-run.ts';
import {
  anyIndex,
  canBeRead,
  condition,
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
export async function pressWithNothingDue({ scenario }: Pick<ModelRun, 'scenario'>): Promise<void> {
  const second = await scenario.software.open(scenario.orderId, 15 * minute).catch(() => null);
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
          const { scenario, worker } = modelRun;
          const payment = await scenario.software.open(scenario.orderId, order.expiresInMs);
          if (order.jobState === 'job is lost' || payment.status !== 'created') return;
          scenario.jobs.push(chargeJobOf(payment, worker.settings));
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
        if (leaseNo !== null)
          scenario.jobs.push({ name: cancellationJob(hidden), payload: { host: scenario.software.hostId, paymentId: id, leaseNo } });
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
        if (leaseNo !== null)
          await modelRun.runJob({ name: 'check-payment', payload: { host: scenario.software.hostId, paymentId: id, leaseNo } });
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

/** What only a till does that sends its orders by HTTP. */
export const orderByApiSteps = [
  weighted(6, 'order and payment in one request', anyIndex, (n) =>
    step(
      `order and payment in one request(${n})`,
      ({ isPayable, host, software }) => software.hostId === 'till' && isPayable && canBeRead(host),
      async (modelRun) => {
        const { scenario, ordersByApi, worker } = modelRun;
        const payment = await ordersByApi.openWithDish(scenario.orderId, 1_000 * (n + 1), 15 * minute);
        if (payment?.status !== 'created') return;
        scenario.jobs.push(chargeJobOf(payment, worker.settings));
        if (n % 2 === 0) await modelRun.runQueue();
      },
    ),
  ),
  weighted(3, 'changes of a paid order', fc.constant(0), () =>
    condition(
      'changes of a paid order',
      ({ records, host, software }) => software.hostId === 'till' && records.order.status === 'paid' && canBeRead(host),
      ({ ordersByApi, scenario }) => ordersByApi.tryToChangePaid(scenario.orderId),
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
