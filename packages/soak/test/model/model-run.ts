import type { Queryable } from '@gateway/shared/postgres';
import type { Enqueue } from '@gateway/shared/queue';
import { type Charge, stateOf } from '@gateway/simulator';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import type { Job } from '@gateway/worker/src/sweep/due-job.ts';
import { type Delivery, type DeliveryQueue, openDeliveryQueue } from './deliveries.ts';
import { createHostStates, type HostStates } from './host-states.ts';
import { acceptedIn, isOnDisplay, paidIn, violations } from './invariants.ts';
import { type HostId, type OrderSoftware, posSoftware } from './order-software.ts';
import { type OrdersByApi, openOrdersByApi } from './orders-by-api.ts';
import { awaitsHostWrite, type PaymentRecord, type Records, recordsOf } from './records.ts';
import { unfinishedWork } from './unfinished-work.ts';

const second = 1_000;
const hour = 3_600 * second;
/** How far the clock moves before each round of `settle`. The last ones are longer than every retry delay and every late-payment window. */
const settleStepsMs = [0, 3 * second, 10 * second, 30 * second, 300 * second, hour, 6 * hour, 24 * hour, 49 * hour];
const orderTotal = 55_000;

/** A step that was taken, for the summary. `hadEffect` null: its effect shows in later steps. */
interface TakenStep {
  kind: string;
  hadEffect: boolean | null;
}

/** What a scenario begins with. */
export interface Setting {
  hostId: HostId;
  /** Whether the usual case is written with few statements, or step by step. */
  isAtOnce: boolean;
}

/** One order, and everything that a step can act on. */
export interface Scenario {
  orderId: string;
  /** What people do to the order at their till. */
  software: OrderSoftware;
  /** The rows about the order after the last step. */
  records: Records;
  /** The providers' charges, newest first. */
  charges(): readonly Charge[];
  /** Webhooks that were sent and not delivered yet. */
  deliveries: Delivery[];
  /** The queue: jobs that were added and have not run. */
  jobs: Job[];
  /** The amount due on the order after the last step. */
  amountDue: number;
  /** What a press may ask for: the amount due, less accepted money whose host write is deferred. */
  stillDue: number;
  /** Whether the order could be paid after the last step. */
  isPayable: boolean;
  host: HostStates;
  taken: TakenStep[];
  /** How often each payment was polled. */
  polls: Map<string, number>;
  /** For each QR on display that does not stand for what its order owes: how often its payment had been polled when that began. */
  wrongSince: Map<string, number>;
  startedAt: Date;
  now(): Date;
}

/** A worker, an api route for webhooks and both providers, for one scenario after the other. */
export interface ModelRun {
  worker: WorkerHarness;
  deliveryQueue: DeliveryQueue;
  scenario: Scenario;
  /** A till that sends its orders by HTTP. */
  ordersByApi: OrdersByApi;
  /** Starts a scenario with a new order. The providers have no charges. */
  begin(setting: Setting): Promise<void>;
  runJob(job: Job): Promise<void>;
  /** Runs the jobs in the queue, and the jobs that these add. */
  runQueue(): Promise<void>;
  /** Runs the jobs of all due rows. */
  sweep(): Promise<void>;
  /** @returns the status of the gateway's answer */
  deliver(delivery: Delivery): Promise<number>;
  /** Called after every step: waits until the providers have sent their webhooks, then checks the invariants. @throws InvariantViolated */
  observe(): Promise<void>;
  /** Clears all faults, delivers all webhooks and lets time pass: then no work may be left. @throws InvariantViolated */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export class InvariantViolated extends Error {
  override readonly name = 'InvariantViolated';
}

/** Outcomes of a poll that read no order: it was not needed, or the money that it found waits for the order's lock. */
const uncounted: ReadonlySet<string> = new Set(['superseded', 'not_needed', 'retry_scheduled']);

export async function startModelRun(): Promise<ModelRun> {
  const deliveryQueue = await openDeliveryQueue();
  const accountsOf = (provider: string) => [{ notificationUrl: deliveryQueue.notificationUrl(provider) }];
  const worker = await startWorkerHarness({
    hostBusyLimitMs: 10 * second,
    hostIds: ['pos', 'till'],
    providers: { midtrans: accountsOf('midtrans'), xendit: accountsOf('xendit') },
  });
  const reader = await worker.db.pool.connect(); // one connection plans the statement once, and every change of a column makes it plan again
  let scenario: Scenario;
  let begun = 0;

  const enqueue: Enqueue = async (name, payload) => {
    scenario.jobs.push({ name, payload } as Job);
    return true;
  };
  deliveryQueue.mountGateway(worker, enqueue);
  const ordersByApi = await openOrdersByApi(worker, enqueue);
  const softwareOf: Record<HostId, OrderSoftware> = { pos: posSoftware(worker), till: ordersByApi };
  const statesOf = { pos: await createHostStates(worker, 'pos'), till: await createHostStates(worker, 'till') };
  const { run } = worker;
  worker.run = async (job) => {
    const outcome = await run(job);
    if (job.name === 'check-payment' && !uncounted.has(outcome)) {
      const { paymentId } = job.payload;
      scenario.polls.set(paymentId, (scenario.polls.get(paymentId) ?? 0) + 1);
    }
    return outcome;
  };

  const modelRun: ModelRun = {
    worker,
    deliveryQueue,
    get scenario() {
      return scenario;
    },
    ordersByApi,
    begin: async ({ hostId, isAtOnce }) => {
      if (scenario) await scenario.host.become('as usual', scenario.orderId);
      worker.settings.isAtOnce = isAtOnce;
      await forgetEarlier(worker, deliveryQueue, begun++);
      scenario = {
        ...(await newScenario(worker, reader, softwareOf[hostId])),
        deliveries: deliveryQueue.deliveries,
        host: statesOf[hostId],
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
      await checkInvariants(worker, reader, scenario);
    },
    settle: () => settle(modelRun),
    close: async () => {
      await ordersByApi.close();
      await deliveryQueue.close();
      reader.release();
      await worker.close();
    },
  };
  return modelRun;
}

/** Earlier scenarios make every statement slower, so their rows are removed after this many. */
const scenariosKept = 100;

/** Makes the worker and the providers as they were before the first scenario. */
async function forgetEarlier(worker: WorkerHarness, { deliveries }: DeliveryQueue, no: number): Promise<void> {
  await cancelDueWork(worker);
  if (no % scenariosKept === 0) await worker.db.pool.query(removeRows);
  worker.simulator.controls.reset();
  worker.settings.lateMoney = 'accept';
  worker.settings.holds = [];
  deliveries.length = 0;
}

async function newScenario(
  worker: WorkerHarness,
  reader: Queryable,
  software: OrderSoftware,
): Promise<Omit<Scenario, 'host' | 'deliveries'>> {
  const orderId = await software.anOrder(orderTotal);
  return {
    orderId,
    software,
    records: await recordsOf(reader, software.hostId, orderId),
    charges: () => worker.simulator.book.newestFirst(),
    jobs: [],
    amountDue: orderTotal,
    stillDue: orderTotal,
    isPayable: true,
    taken: [],
    polls: new Map(),
    wrongSince: new Map(),
    startedAt: worker.clock.now(),
    now: () => worker.clock.now(),
  };
}

/** Reads the records again, and compares them with the providers and with the records before the last step. @throws InvariantViolated */
async function checkInvariants(worker: WorkerHarness, reader: Queryable, scenario: Scenario): Promise<void> {
  const before = scenario.records;
  scenario.records = await recordsOf(reader, scenario.software.hostId, scenario.orderId);
  const order = orderNow(scenario.records);
  noteWrongQrs(scenario, order);
  const problems = violations({
    records: scenario.records,
    recordsBefore: before,
    hostState: scenario.host.now,
    polls: scenario.polls,
    wrongSince: scenario.wrongSince,
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
  Object.assign(scenario, order);
}

/** What the order owes, also while the host has taken payments that its order does not show yet. */
function orderNow(records: Records): Pick<Scenario, 'amountDue' | 'stillDue' | 'isPayable'> {
  const { total, paid, status, isDeleted } = records.order;
  const taken = records.hostPayments.filter(({ status }) => status === 'settled' || status === 'refunded');
  const amountDue = total - Math.max(paid, sumOf(taken));
  const isOpen = status === 'open' || status === 'awaiting_payment';
  return { amountDue, stillDue: amountDue - sumOf(records.payments.filter(isDeferred(records))), isPayable: isOpen && !isDeleted };
}

const sumOf = (list: readonly { amount: number }[]): number => list.reduce((sum, { amount }) => sum + amount, 0);

const isDeferred =
  (records: Records) =>
  ({ id }: PaymentRecord): boolean =>
    awaitsHostWrite(records, id) && records.attempts.some(({ paymentId, accepted }) => paymentId === id && accepted);

/** Notes since which poll each QR on display has been wrong. A host that cannot be read tells a poll nothing: those do not count. */
function noteWrongQrs({ records, polls, wrongSince, host, now }: Scenario, { stillDue, isPayable }: ReturnType<typeof orderNow>): void {
  for (const payment of records.payments) {
    const isWrong = isOnDisplay(payment, now()) && !(isPayable && stillDue === payment.amount);
    if (!isWrong || host.now === 'unreadable') wrongSince.delete(payment.id);
    else if (!wrongSince.has(payment.id)) wrongSince.set(payment.id, polls.get(payment.id) ?? 0);
  }
}

async function settle(modelRun: ModelRun): Promise<void> {
  const { worker, deliveryQueue, scenario } = modelRun;
  for (const provider of ['midtrans', 'xendit'] as const) worker.simulator.controls.clearFaults(provider);
  await scenario.host.become('as usual', scenario.orderId);
  for (const ms of settleStepsMs) {
    worker.advance(ms);
    await deliveryQueue.waitUntilSent(worker.simulator);
    for (const delivery of scenario.deliveries.splice(0)) await deliveryQueue.deliver(delivery);
    await modelRun.runQueue();
    await modelRun.sweep();
    await modelRun.observe();
    if (nothingIsDue(scenario)) break;
  }
  const unfinished = unfinishedWork(scenario);
  if (unfinished.length > 0) throw new InvariantViolated(unfinished.join('\n'));
}

/** True when no row of ours has a deadline, and no provider has anything to send: then time changes nothing any more. */
function nothingIsDue({ records, charges, deliveries }: Scenario): boolean {
  const { payments, attempts, refunds, hostWrites, inbox } = records;
  const isPendingAtProvider = charges().some((charge) => {
    const { lifecycle, refunds: theirs } = stateOf(charge);
    return lifecycle === 'pending' || theirs.some(({ status }) => status === 'pending');
  });
  return (
    deliveries.length === 0 &&
    !isPendingAtProvider &&
    payments.every(({ checkAt }) => checkAt === null) &&
    attempts.every(({ resolveAt }) => resolveAt === null) &&
    refunds.every(({ status }) => status !== 'pending') &&
    hostWrites.every(({ doneAt }) => doneAt !== null) &&
    inbox.every(({ nextTryAt }) => nextTryAt === null)
  );
}

/** The references of the gateway's charges in a webhook, found without parsing it. */
export const referencesIn = (body: Buffer): string[] => body.toString().match(/(?:pos|till)-[0-9a-z]{26}-\d{1,3}/g) ?? [];

const removeRows = `truncate gateway.payments, gateway.payment_events, gateway.outbox, gateway.webhook_inbox, gateway.releases,
  pos.orders, pos.order_items, pos.payments, till.orders cascade`;

/** Clears every deadline, so that no work of an earlier scenario is due in the next one. */
async function cancelDueWork({ db }: WorkerHarness): Promise<void> {
  await db.pool.query(`with p as (update gateway.payments set check_at = null where check_at is not null),
      a as (update gateway.attempts set resolve_at = null where resolve_at is not null),
      r as (update gateway.refunds set next_try_at = null where next_try_at is not null),
      w as (update gateway.host_writes set next_try_at = null where next_try_at is not null)
    update gateway.webhook_inbox set next_try_at = null where next_try_at is not null`);
}
