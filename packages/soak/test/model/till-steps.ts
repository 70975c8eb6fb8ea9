import { cancellationJob } from '@gateway/api/src/payments/cancellation-job.ts';
import { type Payment, rupiah } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { leases, payments, refunds } from '@gateway/shared/store';
import fc from 'fast-check';
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

/** The till presses again although everything is paid: no second QR may be shown. */
const pressAgain = weighted(2, fc.constant(0), () =>
  step(
    'press again',
    ({ isPayable, amountDue, host }) => isPayable && amountDue <= 0 && canBeRead(host),
    async ({ worker, scenario }) => {
      const second = await worker.created({ orderId: scenario.orderId }).catch(() => null);
      const first = scenario.records.payments.some(({ id }) => id === second?.id);
      if (second && !first) throw new Error(`a press made ${second.id} although nothing is due`);
    },
  ),
);

/** What the till requests from the gateway. */
export const tillSteps = [
  pressAgain,
  weighted(
    24,
    fc.record({ expiresInMs: fc.constantFrom(minute, 15 * minute), jobState: fc.constantFrom('job runs', 'job waits', 'job is lost') }),
    (order) =>
      step(
        `create(${order.expiresInMs / second} s, its ${order.jobState})`,
        ({ isPayable, amountDue, host }) => isPayable && amountDue > 0 && canBeRead(host),
        async (modelRun) => {
          const { worker, scenario } = modelRun;
          const { id, leaseNo, status } = await worker.created({ orderId: scenario.orderId, expiresInMs: order.expiresInMs });
          if (order.jobState === 'job is lost' || status !== 'created') return;
          scenario.jobs.push({ name: 'charge', payload: { host: 'pos', paymentId: id, leaseNo } });
          if (order.jobState === 'job runs') await modelRun.runQueue();
        },
      ),
  ),
  weighted(4, anyIndex, (n) =>
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
  weighted(2, anyIndex, (n) =>
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
  weighted(6, fc.record({ n: anyIndex, part: fc.constantFrom(0.3, 0.6, 1) }), ({ n, part }) =>
    step(
      `refund(${n}, ${part})`,
      ({ records }) => records.payments.some(isRefundable),
      async ({ worker, scenario }) => {
        const payment: Payment = await worker.reload(pick(scenario.records.payments.filter(isRefundable), n));
        const accepted = (await worker.attempts(payment)).find((attempt) => attempt.accepted);
        if (!accepted?.paid) return;
        const amount = rupiah(Math.floor(accepted.paid * part));
        const refund = {
          payment,
          attemptNo: accepted.no,
          amount,
          cause: 'client',
          reason: 'a dish was cold',
          at: worker.clock.now(),
        } as const;
        await inTransaction(worker.db, (trx) => refunds.open(trx, refund));
      },
    ),
  ),
];

/** What guests pay. */
export const guestSteps = [
  weighted(24, fc.record({ n: anyIndex, more: fc.constantFrom(0, 0, 0, 0, 2_000, -1_000) }), ({ n, more }) =>
    step(
      `pay(${n}, ${more})`,
      (scenario) => displayedQrs(scenario).length > 0,
      async ({ worker, scenario }) => {
        const charge = pick(displayedQrs(scenario), n);
        worker.simulator.controls.pay(charge.id, { amount: charge.amount + more });
      },
    ),
  ),
  weighted(6, anyIndex, (n) =>
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
  weighted(1, anyIndex, (n) =>
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
