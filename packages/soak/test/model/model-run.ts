import { OrderBusy } from '@gateway/shared/host';
import type { Enqueue } from '@gateway/shared/queue';
import { type Charge, stateOf } from '@gateway/simulator';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import type { Job } from '@gateway/worker/src/sweep/due-job.ts';
import { type Delivery, type DeliveryQueue, openDeliveryQueue } from './deliveries.ts';
import { acceptedIn, paidIn, violations } from './invariants.ts';
import { type Records, recordsOf } from './records.ts';

const second = 1_000;
const hour = 3_600 * second;
/** Long enough apart for every ladder and every watch to come to its end. */
const settleStepsMs = [0, 3 * second, 10 * second, 30 * second, 300 * second, hour, 6 * hour, 24 * hour, 49 * hour];

/** One order at a till, and everybody who can do something to it. */
export interface Scenario {
  orderId: string;
  records: Records;
  /** Newest first: the providers' own book. */
  charges(): readonly Charge[];
  deliveries: Delivery[];
  jobs: Job[];
  /** What the till would still take: what the order owes, if it may be paid at all. */
  amountDue: number;
  isPayable: boolean;
  /** Somebody at the till holds the order locked. */
  isBusy: boolean;
  startedAt: Date;
  now(): Date;
}

export interface ModelRun {
  worker: WorkerHarness;
  deliveryQueue: DeliveryQueue;
  scenario: Scenario;
  /** A new order; the providers have forgotten the last one. */
  begin(): Promise<void>;
  runJob(job: Job): Promise<void>;
  /** Everything that waits in the queue, and what that adds to it. */
  runQueue(): Promise<void>;
  /** Everything that is due by the rows' own word. */
  sweep(): Promise<void>;
  deliver(delivery: Delivery): Promise<number>;
  /** After every step: waits until the providers have said what they had to say, and looks whether all is well. @throws Broken */
  observe(): Promise<void>;
  /** Time goes on, everything works again, all news arrives: then every loose end must be tied. @throws Broken */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export class InvariantViolated extends Error {
  override readonly name = 'InvariantViolated';
}

export async function startModelRun(): Promise<ModelRun> {
  const deliveryQueue = await openDeliveryQueue();
  const accountsOf = (provider: string) => [{ notificationUrl: deliveryQueue.notificationUrl(provider) }];
  const worker = await startWorkerHarness({ providers: { midtrans: accountsOf('midtrans'), xendit: accountsOf('xendit') } });
  let scenario: Scenario;

  const enqueue: Enqueue = async (name, payload) => {
    scenario.jobs.push({ name, payload } as Job);
    return true;
  };
  deliveryQueue.mountGateway(worker, enqueue);
  const { lockOrder } = worker.host.orders;
  worker.host.orders.lockOrder = (...args) => (scenario.isBusy ? Promise.reject(new OrderBusy('pos')) : lockOrder(...args));

  async function checkInvariants(): Promise<void> {
    const before = scenario.records;
    scenario.records = await recordsOf(worker.db, scenario.orderId);
    const problems = violations({
      ours: scenario.records,
      charges: scenario.charges(),
      amountDue: scenario.amountDue,
      isPayable: scenario.isPayable,
      acceptedBefore: acceptedIn(before),
      paidBefore: paidIn(before),
      lateMoney: worker.settings.lateMoney,
      undelivered: new Set(scenario.deliveries.flatMap(({ body }) => referencesIn(body))),
      now: worker.clock.now(),
    });
    if (problems.length > 0) throw new InvariantViolated(problems.join('\n'));
    const { total, paid, status } = scenario.records.order;
    scenario.amountDue = total - paid;
    scenario.isPayable = status === 'open' || status === 'awaiting_payment';
  }

  const modelRun: ModelRun = {
    worker,
    deliveryQueue,
    get scenario() {
      return scenario;
    },
    begin: async () => {
      await cancelDueWork(worker);
      worker.simulator.controls.reset();
      worker.settings.lateMoney = 'accept';
      worker.settings.holds = [];
      deliveryQueue.deliveries.length = 0;
      const total = 55_000;
      const orderId = await anOrder(worker.db.pool, { total });
      scenario = {
        orderId,
        records: await recordsOf(worker.db, orderId),
        charges: () => worker.simulator.book.newestFirst(),
        deliveries: deliveryQueue.deliveries,
        jobs: [],
        amountDue: total,
        isPayable: true,
        isBusy: false,
        startedAt: worker.clock.now(),
        now: () => worker.clock.now(),
      };
    },
    runJob: async (job) => void (await worker.run(job)),
    runQueue: async () => {
      for (let job = scenario.jobs.shift(); job; job = scenario.jobs.shift()) await worker.run(job);
    },
    sweep: async () => void (await worker.runDue()),
    deliver: (delivery) => deliveryQueue.deliver(delivery),
    observe: async () => {
      await deliveryQueue.waitUntilSent(worker.simulator);
      await checkInvariants();
    },
    settle: async () => {
      for (const provider of ['midtrans', 'xendit'] as const) worker.simulator.controls.clearFaults(provider);
      scenario.isBusy = false;
      for (const ms of settleStepsMs) {
        worker.advance(ms);
        await deliveryQueue.waitUntilSent(worker.simulator);
        for (const delivery of scenario.deliveries.splice(0)) await deliveryQueue.deliver(delivery);
        await modelRun.runQueue();
        await modelRun.sweep();
        await modelRun.observe();
      }
      const unfinished = unfinishedWork(scenario);
      if (unfinished.length > 0) throw new InvariantViolated(unfinished.join('\n'));
    },
    close: async () => {
      await deliveryQueue.close();
      await worker.close();
    },
  };
  return modelRun;
}

/** What a webhook is about, seen from outside: each of our references in it. */
export const referencesIn = (body: Buffer): string[] => body.toString().match(/pos-[0-9a-z]{26}-\d{1,3}/g) ?? [];

/** What is still due is due no more: the next order begins with nobody at work. */
async function cancelDueWork({ db }: WorkerHarness): Promise<void> {
  await db.pool.query(`with p as (update gateway.payments set check_at = null where check_at is not null),
      a as (update gateway.attempts set resolve_at = null where resolve_at is not null),
      r as (update gateway.refunds set next_try_at = null where next_try_at is not null),
      w as (update gateway.host_writes set next_try_at = null where next_try_at is not null)
    update gateway.webhook_inbox set next_try_at = null where next_try_at is not null`);
}

/** I1, I7, I8, and that nobody waits for ever. */
function unfinishedWork({ records, charges }: Scenario): string[] {
  const { payments, attempts, refunds, discrepancies, inbox, hostWrites } = records;
  const unfinished: string[] = [];
  const hasOpenDiscrepancy = (paymentId: string, reasons: string[]) =>
    discrepancies.some((d) => d.paymentId === paymentId && !d.closedAt && reasons.includes(d.reason));
  for (const { id, status } of payments) {
    if (status === 'created') unfinished.push(`${id} is still created`);
    if (status === 'pending' && !hasOpenDiscrepancy(id, ['underpaid', 'paid_unconfirmed']))
      unfinished.push(`${id} is still pending, and nobody was told why`);
  }
  for (const charge of charges()) {
    const attempt = attempts.find(({ reference }) => reference === charge.reference);
    if (stateOf(charge).payment && attempt?.status !== 'paid')
      unfinished.push(`${charge.reference} was paid, and is ${attempt?.status} here`);
  }
  for (const { paymentId, no, status } of attempts) {
    if ((status === 'sending' || status === 'unknown') && !hasOpenDiscrepancy(paymentId, ['unresolved_attempt']))
      unfinished.push(`attempt ${no} is still ${status}`);
  }
  for (const { paymentId, no, status, accepted, paid, reserved } of attempts) {
    const isKnown = discrepancies.some((d) => d.paymentId === paymentId && (d.attemptNo ?? no) === no);
    if (status === 'paid' && !accepted && !isKnown && reserved !== paid)
      unfinished.push(`of ${paid} that no order took, ${reserved} went back`);
  }
  for (const { reference, processedAt, verdict } of inbox) if (!processedAt) unfinished.push(`news of ${reference} is still ${verdict}`);
  for (const { reference, status } of refunds) if (status === 'pending') unfinished.push(`refund ${reference} is still pending`);
  for (const { paymentId, step, doneAt } of hostWrites) if (!doneAt) unfinished.push(`the till was never told of ${step} of ${paymentId}`);
  return unfinished;
}
