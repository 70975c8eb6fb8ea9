import { randomUUID } from 'node:crypto';
import { openPayment } from '@gateway/api/src/payments/open-payment.ts';
import { createStoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import type { Host } from '@gateway/shared/host';
import type { InboxId, LateMoney, Payment } from '@gateway/shared/payment';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { accountKey, createProviders, fixedAccounts, type ProviderAccount, type RecordCall } from '@gateway/shared/provider';
import { type Handlers, type JobPayload, runJob } from '@gateway/shared/queue';
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
import { freshDatabase, type TestDatabase } from '../database/servers.ts';
import { type PosHost, startPosHost } from '../pos/pos-host.ts';
import { anOrder } from '../pos/pos-orders.ts';
import { chargeJobOf } from './charge-job.ts';

/** The worker without its process: its real handlers, a real database and simulated providers, under a clock that the test moves. */
export interface WorkerHarness {
  clock: ManualClock;
  db: Database;
  host: Host;
  hosts: PosHost['hosts'];
  simulator: Simulator;
  /** The provider accounts, as a process reads them from its environment. */
  accounts: readonly ProviderAccount[];
  deps: Deps;
  handlers: Handlers;
  writer: PaymentWriter;
  /** The payments that the worker sent to waiting api processes. */
  replies: Payment[];
  /** What a test may change at any time: the store's policy for late money, the hedge delay, the holds of operators. */
  settings: { lateMoney: LateMoney; hedgeAfterMs: number; holds: readonly settings.Hold[]; isAtOnce: boolean };
  /** Opens a payment as POST /transaction/payments does: it is `created`, and its charge job has not run. */
  created(order?: OrderOptions): Promise<Payment>;
  /** Opens a payment and runs its charge job: its QR is on display. */
  pending(order?: OrderOptions): Promise<Payment>;
  /** Stores a genuine webhook in the inbox, due now; its provider is Midtrans unless `more` says otherwise. @returns its id */
  receiveWebhook(
    reference: string,
    reportedStatus: webhookInbox.IncomingWebhook['reportedStatus'],
    more?: Partial<webhookInbox.IncomingWebhook>,
  ): Promise<InboxId>;
  /** Stores the first report that an open charge is paid. @returns its job, as the api adds it */
  receiveReport(reference: string): Promise<JobPayload<'verify-webhook'>>;
  /** Runs one job. @returns its outcome */
  run(job: Job): Promise<string>;
  /** Runs the jobs of all due rows until none is due. @returns `job: outcome` of each; with a payment, only of jobs that concern it */
  runDue(payment?: Pick<Payment, 'id'>): Promise<string[]>;
  /** Moves the clocks of the worker and of the providers forward. */
  advance(ms: number): void;
  /** Reads the payment from the database again. */
  reload(payment: Pick<Payment, 'id'>): Promise<Payment>;
  attempts(payment: Pick<Payment, 'id'>): ReturnType<typeof attempts.ofPayment>;
  /** The types of the events of a payment, in order. */
  events(payment: Pick<Payment, 'id'>): Promise<string[]>;
  close(): Promise<void>;
}

interface OrderOptions {
  /** Whole rupiah; default 55,000. */
  total?: number;
  /** An existing order; default: a new one. */
  orderId?: string;
  /** Default: 15 minutes. */
  expiresInMs?: number;
}

/** Milliseconds. The defaults do not wait for a busy host, and leave 10 s for a provider call. */
export interface WorkerHarnessOptions {
  hostBusyLimitMs?: number;
  createLimitMs?: number;
  queryTimeoutMs?: number;
  providers?: SimulatorOptions;
  /** Called after each call to a provider. */
  record?: RecordCall;
  /** Default: a copy of the template. */
  database?: TestDatabase;
  /** Default: `pos` only. */
  hostIds?: readonly string[];
}

export async function startWorkerHarness(options: WorkerHarnessOptions = {}): Promise<WorkerHarness> {
  const database = options.database ?? (await freshDatabase());
  const simulator = await startSimulator({ speed: 0, ...options.providers });
  const pos = await startPosHost(database.serveUrl, { hostIds: options.hostIds ?? ['pos'] });
  const db = connectDatabase(database.url, { name: 'test' }); // for the test, which acts as the POS and looks into every table
  const client = await pos.client();
  const { hosts, host } = pos;
  const clock = manualClock();
  simulator.clock.advance(clock.now().getTime() - simulator.clock.now()); // it started earlier: money would be paid in the past
  const log = createLogger('test', 'silent');
  const accounts = accountsAt(simulator);
  const providers = createProviders({ log, clock, ...(options.record ? { record: options.record } : {}) });
  const workerSettings: WorkerHarness['settings'] = { lateMoney: 'accept', hedgeAfterMs: 60_000, holds: [], isAtOnce: true };
  const replies: Payment[] = [];
  const context = { hosts, accounts: createAccounts(fixedAccounts(accounts), providers, () => null), workerSettings, replies, clock, log };
  const deps = createDeps(context, options);
  const handlers = createHandlers(deps);
  const stores = createStoreRegistry(host.db, clock);
  const worker: WorkerHarness = {
    clock,
    db,
    host,
    hosts,
    simulator,
    accounts,
    deps,
    handlers,
    writer: deps.writer,
    replies,
    settings: workerSettings,
    created: async ({ total = 55_000, orderId, expiresInMs = 900_000 } = {}) => {
      const order = orderId ?? (await anOrder(db.pool, { total }));
      const request = { host, client, orderId: order, expiresInMs, key: null, now: clock.now(), replyTo: 'api' };
      const opened = await openPayment(stores, request, workerSettings);
      return opened.payment;
    },
    pending: async (order) => {
      const payment = await worker.created(order);
      await worker.run(chargeJobOf(payment));
      return worker.reload(payment);
    },
    receiveWebhook: async (reference, reportedStatus, more = {}) =>
      idOf(await webhookInbox.store(db.pool, { ...aWebhook(clock.now()), reference, reportedStatus, ...more })),
    receiveReport: async (reference) => {
      const stored = await webhookInbox.store(db.pool, { ...aWebhook(clock.now()), reference, reportedStatus: 'paid' });
      const paid = stored.kind === 'stored' ? stored.paid : null;
      if (!paid) throw new Error('the webhook is not the first report that an open charge is paid');
      return { host: host.id, inboxId: idOf(stored), leaseNo: 0, paid };
    },
    run: ({ name, payload }) => runJob(name, payload, handlers, log),
    runDue: (payment) => runDue(worker, payment),
    advance: (ms) => {
      clock.advance(ms);
      simulator.clock.advance(ms);
    },
    reload: async ({ id }) => (await payments.find(db.pool, id)) as Payment,
    attempts: ({ id }) => attempts.ofPayment(db.pool, id),
    events: async ({ id }) => {
      const { rows } = await db.pool.query<{ type: string }>('select type from gateway.outbox where payment_id = $1 order by id', [id]);
      return rows.map(({ type }) => type);
    },
    close: async () => {
      await simulator.stop(); // ends the calls that wait for an answer: `providers.close` would wait for their time limits
      await providers.close();
      await Promise.all([pos.close(), db.close()]);
      await database.drop();
    },
  };
  return worker;
}

interface DepsContext extends Pick<Deps, 'hosts' | 'accounts' | 'log'> {
  workerSettings: WorkerHarness['settings'];
  replies: Payment[];
  clock: ManualClock;
}

/** What the handlers work with, as main.ts of the worker builds it. Only the settings, the replies and the poll slots are the test's. */
function createDeps(
  { hosts, accounts, workerSettings, replies, clock, log }: DepsContext,
  { hostBusyLimitMs = 0, createLimitMs = 10_000, queryTimeoutMs = 10_000 }: WorkerHarnessOptions,
): Deps {
  const reserve = async (_: unknown, __: unknown, earliest: Date) => earliest; // a slot is always free, because the clock stands still
  const pollSlots = { reserve, reserveAfterCall: reserve, reserveForMoney: reserve };
  const hedging = { ...createHedging(clock), delayMs: () => workerSettings.hedgeAfterMs };
  const metrics = createWorkerMetrics(createMetrics('test'));
  const wakeRelay = () => {};
  const reply = (payment: Payment) => void replies.push(payment);
  return {
    hosts,
    accounts,
    pollSlots,
    hedging,
    metrics,
    wakeRelay,
    clock,
    log,
    queryTimeoutMs,
    writer: createPaymentWriter({
      clock,
      log,
      wakeRelay,
      reply,
      hostBusyLimitMs,
      lateMoneyOf: () => workerSettings.lateMoney,
      get writesAtOnce() {
        return workerSettings.isAtOnce;
      },
    }),
    chooseRoute: createChooseRoute({
      order: ['midtrans', 'xendit'],
      accounts,
      control: () => ({ clients: new Map(), settings: new Map(), holds: workerSettings.holds }),
      clock,
    }),
    askProvider: createAskProvider({ hedging, metrics, clock, log, wakeRelay, createLimitMs, firstPollDelayMs: 3_000, pollSlots }),
    createLimitMs,
    reply,
  };
}

/** A repeat has no row of its own; the tests that send one look at the first. */
const idOf = (result: webhookInbox.StoreResult): InboxId => (result.kind === 'stored' ? result.id : null) as InboxId;

const aWebhook = (now: Date): Omit<webhookInbox.IncomingWebhook, 'reference' | 'reportedStatus'> => ({
  provider: 'midtrans',
  account: 'default',
  deliveryKey: randomUUID(),
  raw: Buffer.from('{}'),
  headers: {},
  providerChargeId: null,
  receivedAt: now,
  nextTryAt: now,
});

async function runDue({ db, clock, run }: WorkerHarness, payment?: Pick<Payment, 'id'>): Promise<string[]> {
  const outcomes: string[] = [];
  for (;;) {
    const dueRows = await due.claim(db.pool, { now: clock.now(), limit: 100 });
    if (dueRows.length === 0) return outcomes;
    for (const job of dueRows.map(jobFor)) {
      const outcome = await run(job);
      if (!payment || concerns(job, payment)) outcomes.push(`${job.name}: ${outcome}`);
    }
  }
}

/** True for a job about the payment, and for a job that names no payment. */
const concerns = ({ payload }: Job, { id }: Pick<Payment, 'id'>): boolean => !('paymentId' in payload) || payload.paymentId === id;

/** The account `default` of both providers, in the order in which a process reads them. */
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
