import { randomUUID } from 'node:crypto';
import { openPayment } from '@gateway/api/src/payments/open-payment.ts';
import { createStoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import type { Host } from '@gateway/shared/host';
import type { InboxId, LateMoney, Payment } from '@gateway/shared/payment';
import type { Database } from '@gateway/shared/postgres';
import { accountKey, createProviders, type ProviderAccount } from '@gateway/shared/provider';
import { type Handlers, runJob } from '@gateway/shared/queue';
import { createLogger, createMetrics, type ManualClock, manualClock } from '@gateway/shared/runtime';
import { attempts, due, payments, type settings, webhookInbox } from '@gateway/shared/store';
import { inventedKeys, type Simulator, type SimulatorOptions, startSimulator } from '@gateway/simulator';
import { createAskProvider } from '@gateway/worker/src/charging/ask-provider.ts';
import { createHedging } from '@gateway/worker/src/charging/hedging.ts';
import { createChooseRoute } from '@gateway/worker/src/charging/routing.ts';
import type { Deps } from '@gateway/worker/src/deps.ts';
import { createHandlers } from '@gateway/worker/src/handlers.ts';
import { createWorkerMetrics } from '@gateway/worker/src/metrics.ts';
import { createAccounts } from '@gateway/worker/src/providers/accounts.ts';
import { createPaymentWriter, type PaymentWriter } from '@gateway/worker/src/settling/payment-writer.ts';
import { type Job, jobFor } from '@gateway/worker/src/sweep/due-job.ts';
import { freshDatabase } from '../database/servers.ts';
import { type PosHost, startPosHost } from '../pos/pos-host.ts';
import { anOrder } from '../pos/pos-orders.ts';

/** The worker's inside without its process: its real handlers, database and providers, under a clock that the test moves. */
export interface WorkerHarness {
  clock: ManualClock;
  db: Database;
  host: Host;
  hosts: PosHost['hosts'];
  simulator: Simulator;
  /** The providers' accounts, as every process is configured. */
  accounts: readonly ProviderAccount[];
  deps: Deps;
  handlers: Handlers;
  writer: PaymentWriter;
  /** What waiting api processes were told. */
  replies: Payment[];
  /** What a test may change from now on: a store's wish about late money, when a provider counts as silent, what operators hold. */
  settings: { lateMoney: LateMoney; hedgeAfterMs: number; holds: readonly settings.Hold[] };
  /** As POST /transaction/payments leaves it: `created`, its job not run. */
  created(order?: { total?: number; orderId?: string; expiresInMs?: number }): Promise<Payment>;
  /** With its QR on display. */
  pending(order?: { total?: number; orderId?: string; expiresInMs?: number }): Promise<Payment>;
  /** A genuine webhook about a charge has come, and is kept; from Midtrans unless told, and due now. @returns its number */
  receiveWebhook(
    reference: string,
    reportedStatus: webhookInbox.IncomingWebhook['reportedStatus'],
    more?: Partial<webhookInbox.IncomingWebhook>,
  ): Promise<InboxId>;
  run(job: Job): Promise<string>;
  /** Runs the jobs of every row that is due now, and of those that become due by that. @returns `job: outcome` of each, or of those `about` a payment */
  runDue(payment?: Pick<Payment, 'id'>): Promise<string[]>;
  /** Time passes here and at the providers. */
  advance(ms: number): void;
  reload(payment: Pick<Payment, 'id'>): Promise<Payment>;
  attempts(payment: Pick<Payment, 'id'>): ReturnType<typeof attempts.ofPayment>;
  /** The types of the events of a payment, in order. */
  events(payment: Pick<Payment, 'id'>): Promise<string[]>;
  close(): Promise<void>;
}

export interface WorkerHarnessOptions {
  hostBusyLimitMs?: number;
  createLimitMs?: number;
  queryTimeoutMs?: number;
  providers?: SimulatorOptions;
}

export async function startWorkerHarness({
  hostBusyLimitMs = 0,
  createLimitMs = 10_000,
  queryTimeoutMs = 10_000,
  providers: simulatorOptions = {},
}: WorkerHarnessOptions = {}): Promise<WorkerHarness> {
  const database = await freshDatabase();
  const clock = manualClock();
  const log = createLogger('test', 'silent');
  const simulator = await startSimulator({ speed: 0, ...simulatorOptions });
  const pos = await startPosHost(database.url);
  const { host, db } = pos;
  const client = await pos.client();

  const providers = createProviders({ log, clock });
  const configured = accountsAt(simulator);
  const accounts = createAccounts(configured, providers, () => null);
  const workerSettings: WorkerHarness['settings'] = { lateMoney: 'accept', hedgeAfterMs: 60_000, holds: [] };
  const pollSlots = { reserve: async (_: unknown, earliest: Date) => earliest }; // time stands still here: nobody waits for a turn
  const hedging = { ...createHedging(clock), delayMs: () => workerSettings.hedgeAfterMs };
  const metrics = createWorkerMetrics(createMetrics('test'));
  const replies: Payment[] = [];
  const wakeRelay = () => {};
  const writer = createPaymentWriter({ clock, log, wakeRelay, hostBusyLimitMs, lateMoneyOf: () => workerSettings.lateMoney });
  const deps: Deps = {
    hosts: pos.hosts,
    accounts,
    pollSlots,
    hedging,
    metrics,
    wakeRelay,
    clock,
    log,
    writer,
    queryTimeoutMs,
    chooseRoute: createChooseRoute({
      order: ['midtrans', 'xendit'],
      accounts,
      control: () => ({ clients: new Map(), settings: new Map(), holds: workerSettings.holds }),
      clock,
    }),
    askProvider: createAskProvider({ hedging, metrics, clock, log, wakeRelay, createLimitMs, firstPollDelayMs: 3_000, pollSlots }),
    reply: (payment) => replies.push(payment),
  };
  const handlers = createHandlers(deps);
  const stores = createStoreRegistry(db, clock);
  const worker: WorkerHarness = {
    clock,
    db,
    host,
    hosts: pos.hosts,
    simulator,
    accounts: configured,
    deps,
    handlers,
    writer,
    replies,
    settings: workerSettings,
    created: async ({ total = 55_000, orderId, expiresInMs = 900_000 } = {}) => {
      const order = orderId ?? (await anOrder(db.pool, { total }));
      const opened = await openPayment(stores, { host, client, orderId: order, expiresInMs, key: null, now: clock.now(), replyTo: 'api' });
      return opened.payment;
    },
    pending: async (order) => {
      const payment = await worker.created(order);
      await worker.run({ name: 'charge', payload: { host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo } });
      return worker.reload(payment);
    },
    receiveWebhook: async (reference, reportedStatus, more = {}) => {
      const id = await webhookInbox.store(db.pool, {
        provider: 'midtrans',
        account: 'default',
        deliveryKey: randomUUID(),
        raw: Buffer.from('{}'),
        headers: {},
        reference,
        providerChargeId: null,
        reportedStatus,
        receivedAt: clock.now(),
        nextTryAt: clock.now(),
        ...more,
      });
      return id as InboxId;
    },
    run: ({ name, payload }) => runJob(name, payload, handlers, log),
    runDue: async (payment) => {
      const outcomes: string[] = [];
      for (;;) {
        const dueRows = await due.claim(db.pool, { now: clock.now(), limit: 100 });
        if (dueRows.length === 0) return outcomes;
        for (const job of dueRows.map(jobFor)) {
          const outcome = await worker.run(job);
          if (!payment || concerns(job, payment)) outcomes.push(`${job.name}: ${outcome}`);
        }
      }
    },
    advance: (ms) => {
      clock.advance(ms);
      simulator.clock.advance(ms);
    },
    reload: async ({ id }) => (await payments.find(db.pool, id)) as Payment,
    attempts: ({ id }) => attempts.ofPayment(db.pool, id),
    events: async ({ id }) => {
      const { rows: events } = await db.pool.query<{ type: string }>('select type from gateway.outbox where payment_id = $1 order by id', [
        id,
      ]);
      return events.map(({ type }) => type);
    },
    close: async () => {
      await providers.close();
      await simulator.stop();
      await pos.close();
      await database.drop();
    },
  };
  return worker;
}

const concerns = ({ payload }: Job, { id }: Pick<Payment, 'id'>): boolean => !('paymentId' in payload) || payload.paymentId === id;

function accountsAt({ urls }: Simulator): ProviderAccount[] {
  const { midtransServerKey, xenditSecretKey, xenditCallbackToken } = inventedKeys;
  const accounts: ProviderAccount[] = [
    {
      provider: 'midtrans',
      id: 'default',
      baseUrl: urls.midtrans,
      mode: 'test',
      secretKey: midtransServerKey,
      webhookSecrets: [midtransServerKey],
      acquirer: 'gopay',
    },
    {
      provider: 'xendit',
      id: 'default',
      baseUrl: urls.xendit,
      mode: 'test',
      secretKey: xenditSecretKey,
      webhookSecrets: [xenditCallbackToken],
    },
  ];
  return accounts.sort((a, b) => accountKey(a).localeCompare(accountKey(b)));
}
