import { randomUUID } from 'node:crypto';
import type { LateMoney } from '../packages/shared/src/payment/index.ts';
import { accountKey, createProviders, type ProviderAccount } from '../packages/shared/src/provider/index.ts';
import { type Handlers, runJob } from '../packages/shared/src/queue/index.ts';
import { createLogger, createMetrics, type ManualClock, manualClock } from '../packages/shared/src/runtime/index.ts';
import {
  attemptsOf,
  claimDue,
  type Database,
  findPayment,
  type Hold,
  type IncomingWebhook,
  keepWebhook,
  type Payment,
} from '../packages/shared/src/store/index.ts';
import { inventedKeys, type Simulator, type SimulatorOptions, startSimulator } from '../packages/simulator/src/index.ts';
import { createClaimedStores } from '../services/api/src/payments/claimed-stores.ts';
import { openPayment } from '../services/api/src/payments/open-payment.ts';
import { createAccounts } from '../services/worker/src/accounts.ts';
import { createWriter, type Writer } from '../services/worker/src/apply-charge.ts';
import { createAskProvider } from '../services/worker/src/ask-provider.ts';
import type { Deps } from '../services/worker/src/deps.ts';
import { type Job, jobOf } from '../services/worker/src/due-job.ts';
import { createHandlers } from '../services/worker/src/handlers.ts';
import { createHedge } from '../services/worker/src/hedge.ts';
import { createRoute } from '../services/worker/src/route.ts';
import type { ServingHost } from '../services/worker/src/serving-host.ts';
import { createWorkerMetrics } from '../services/worker/src/worker-metrics.ts';
import { type PosHost, servePos } from './pos-host.ts';
import { anOrder } from './pos-orders.ts';
import { freshDatabase } from './servers.ts';

/** The worker's inside without its process: its real handlers, database and providers, under a clock that the test moves. */
export interface Workshop {
  clock: ManualClock;
  db: Database;
  host: ServingHost;
  hosts: PosHost['hosts'];
  simulator: Simulator;
  /** The providers' accounts, as every process is configured. */
  accounts: readonly ProviderAccount[];
  deps: Deps;
  handlers: Handlers;
  writer: Writer;
  /** What waiting api processes were told. */
  told: Payment[];
  /** What a test may change from now on: a store's wish about late money, when a provider counts as silent, what operators hold. */
  settings: { lateMoney: LateMoney; hedgeAfterMs: number; holds: readonly Hold[] };
  /** As POST /transaction/payments leaves it: `created`, its job not run. */
  created(order?: { total?: number; orderId?: string; expiresInMs?: number }): Promise<Payment>;
  /** With its QR on display. */
  pending(order?: { total?: number; orderId?: string; expiresInMs?: number }): Promise<Payment>;
  /** A genuine webhook about a charge has come, and is kept; from Midtrans unless told, and due now. @returns its number */
  hear(reference: string, claims: IncomingWebhook['claims'], more?: Partial<IncomingWebhook>): Promise<number>;
  run(job: Job): Promise<string>;
  /** Runs the jobs of every row that is due now, and of those that become due by that. @returns `job: outcome` of each, or of those `about` a payment */
  runDue(about?: Pick<Payment, 'id'>): Promise<string[]>;
  /** Time passes here and at the providers. */
  pass(ms: number): void;
  now(payment: Pick<Payment, 'id'>): Promise<Payment>;
  attempts(payment: Pick<Payment, 'id'>): ReturnType<typeof attemptsOf>;
  /** The types of the events of a payment, in order. */
  events(payment: Pick<Payment, 'id'>): Promise<string[]>;
  close(): Promise<void>;
}

export interface WorkshopOptions {
  hostPatienceMs?: number;
  createLimitMs?: number;
  askLimitMs?: number;
  providers?: SimulatorOptions;
}

export async function openWorkshop({
  hostPatienceMs = 0,
  createLimitMs = 10_000,
  askLimitMs = 10_000,
  providers: outside = {},
}: WorkshopOptions = {}): Promise<Workshop> {
  const database = await freshDatabase();
  const clock = manualClock();
  const log = createLogger('test', 'silent');
  const simulator = await startSimulator({ speed: 0, ...outside });
  const pos = await servePos(database.url);
  const { host, db } = pos;
  const client = await pos.client();

  const providers = createProviders({ log, clock });
  const configured = accountsAt(simulator);
  const accounts = createAccounts(configured, providers, () => null);
  const settings: Workshop['settings'] = { lateMoney: 'accept', hedgeAfterMs: 60_000, holds: [] };
  const turns = { take: async (_: unknown, earliest: Date) => earliest }; // time stands still here: nobody waits for a turn
  const hedge = { ...createHedge(clock), delayMs: () => settings.hedgeAfterMs };
  const metrics = createWorkerMetrics(createMetrics('test'));
  const told: Payment[] = [];
  const ring = () => {};
  const writer = createWriter({ clock, log, ring, hostPatienceMs, lateMoneyOf: () => settings.lateMoney });
  const deps: Deps = {
    hosts: pos.hosts,
    accounts,
    turns,
    hedge,
    metrics,
    ring,
    clock,
    log,
    writer,
    askLimitMs,
    route: createRoute({
      order: ['midtrans', 'xendit'],
      accounts,
      control: () => ({ clients: new Map(), settings: new Map(), holds: settings.holds }),
      clock,
    }),
    askProvider: createAskProvider({ hedge, metrics, clock, log, ring, createLimitMs, firstLookMs: 3_000, turns }),
    reply: (payment) => told.push(payment),
  };
  const handlers = createHandlers(deps);
  const stores = createClaimedStores(db, clock);
  const workshop: Workshop = {
    clock,
    db,
    host,
    hosts: pos.hosts,
    simulator,
    accounts: configured,
    deps,
    handlers,
    writer,
    told,
    settings,
    created: async ({ total = 55_000, orderId, expiresInMs = 900_000 } = {}) => {
      const order = orderId ?? (await anOrder(db.pool, { total }));
      const opened = await openPayment(stores, { host, client, orderId: order, expiresInMs, key: null, now: clock.now(), replyTo: 'api' });
      return opened.payment;
    },
    pending: async (order) => {
      const payment = await workshop.created(order);
      await workshop.run({ name: 'charge', payload: { host: 'pos', paymentId: payment.id, claim: payment.claims } });
      return workshop.now(payment);
    },
    hear: async (reference, claims, more = {}) => {
      const id = await keepWebhook(db.pool, {
        provider: 'midtrans',
        account: 'default',
        deliveryKey: randomUUID(),
        raw: Buffer.from('{}'),
        headers: {},
        reference,
        providerChargeId: null,
        claims,
        receivedAt: clock.now(),
        nextTryAt: clock.now(),
        ...more,
      });
      return id as number;
    },
    run: ({ name, payload }) => runJob(name, payload, handlers, log),
    runDue: async (about) => {
      const outcomes: string[] = [];
      for (;;) {
        const due = await claimDue(db.pool, { now: clock.now(), limit: 100 });
        if (due.length === 0) return outcomes;
        for (const job of due.map(jobOf)) {
          const outcome = await workshop.run(job);
          if (!about || isAbout(job, about)) outcomes.push(`${job.name}: ${outcome}`);
        }
      }
    },
    pass: (ms) => {
      clock.advance(ms);
      simulator.clock.advance(ms);
    },
    now: async ({ id }) => (await findPayment(db.pool, id)) as Payment,
    attempts: ({ id }) => attemptsOf(db.pool, id),
    events: async ({ id }) => {
      const { rows: told } = await db.pool.query<{ type: string }>('select type from gateway.outbox where payment_id = $1 order by id', [
        id,
      ]);
      return told.map(({ type }) => type);
    },
    close: async () => {
      await providers.close();
      await simulator.stop();
      await pos.close();
      await database.drop();
    },
  };
  return workshop;
}

const isAbout = ({ payload }: Job, { id }: Pick<Payment, 'id'>): boolean => !('paymentId' in payload) || payload.paymentId === id;

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
