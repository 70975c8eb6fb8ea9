import path from 'node:path';
import { type Dispatcher, type DispatcherPace, type DispatcherStep, startDispatcher } from '@gateway/notifier/src/webhooks/dispatcher.ts';
import { createDispatcherMetrics } from '@gateway/notifier/src/webhooks/dispatcher-metrics.ts';
import type { SlotLimits } from '@gateway/notifier/src/webhooks/endpoint-slots.ts';
import { createWebhookSender } from '@gateway/notifier/src/webhooks/send-webhook.ts';
import { createWebhookSigner } from '@gateway/notifier/src/webhooks/sign-webhook.ts';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { createMetrics, createNetworkRule, type ManualClock, manualClock, newUlid, sealedSecret } from '@gateway/shared/runtime';
import { webhookDeliveries, webhookEndpoints } from '@gateway/shared/store';
import { eventually } from '../eventually.ts';
import { commitEvents, eventFixture, type RelayFixture, startRelayFixture } from '../relay/relay-fixture.ts';
import { testMasterKeys, testSecret } from './test-secrets.ts';

/** The file of a program that relays and dispatches the events of one database, for tests that kill it. */
export const webhookProcess = path.join(import.meta.dirname, 'webhook-process.ts');

/** A database with stores, and a notifier's relay and dispatcher in this process, with a clock that the test moves. */
export interface WebhookFixture extends RelayFixture {
  clock: ManualClock;
  /** The clients whose keys are valid. Every endpoint belongs to `client`, unless it says otherwise. */
  clients: Set<string>;
  endpoint(options: Partial<webhookEndpoints.NewEndpoint> & { url: string }): Promise<webhookEndpoints.WebhookEndpoint>;
  /** Gives the endpoint this secret; the others sign for 24 h more. */
  rotateSecret(endpointId: string, secret: string): Promise<void>;
  /** Starts a dispatcher. Closed with the fixture. */
  dispatch(options?: DispatchOptions): Dispatcher;
  /** Commits events of these stores, in this order, numbers them, and tells the dispatchers. */
  happen(...stores: string[]): Promise<void>;
  cursor(endpointId: string, storeId: string): Promise<Cursor | undefined>;
  /** The deliveries of an endpoint, the newest event first. */
  deliveries(endpointId: string): Promise<webhookDeliveries.WebhookDelivery[]>;
  /** Sets the clock to each retry until the events of the store are delivered up to this seq. */
  untilDelivered(endpointId: string, storeId: string, seq: number): Promise<void>;
  /** Sets the clock to when the next event of the cursor is due. Not while it is being sent: its lease must not end. */
  toNextTry(endpointId: string, storeId: string): Promise<void>;
  closeDispatchers(): Promise<void>;
  /** Closes the dispatchers, removes all endpoints, and sets the clock: the next test begins as if it were the first. */
  reset(): Promise<void>;
}

export interface Cursor {
  after_seq: number;
  target_seq: number;
  due_at: Date | null;
  leased_until: Date | null;
  tries: number;
}

export interface DispatchOptions {
  db?: Database;
  /** Default: `clients` of the fixture. */
  activeClients?: () => ReadonlySet<string> | null;
  limitMs?: number;
  slotLimits?: SlotLimits;
  pace?: DispatcherPace;
  onStep?: (step: DispatcherStep) => void;
  /** Named networks in place of the local stack's. */
  isLocalStack?: boolean;
}

/** Shorter than in a shop, so that no test waits for the next look. An event that was not noted is still found by a slow catch-up only. */
const testPace: DispatcherPace = { tickMs: 10, refreshMs: 50, catchUpMs: 5_000 };

export async function startWebhookFixture(options: { url?: string; redisUrl?: string } = {}): Promise<WebhookFixture> {
  const relay = await startRelayFixture(options);
  const clock = manualClock();
  const clients = new Set(['client']);
  const dispatcherDb = connectDatabase(relay.serveUrl, { name: 'test dispatcher' });
  const closing: (() => Promise<void>)[] = [];
  const dispatchers = new Set<Dispatcher>();
  const cursor: WebhookFixture['cursor'] = async (endpointId, storeId) => {
    const text =
      'select after_seq, target_seq, due_at, leased_until, tries from gateway.webhook_cursors where endpoint_id = $1 and store_id = $2';
    return (await relay.db.pool.query<Cursor>({ text, values: [endpointId, storeId] })).rows[0];
  };
  const toNextTry: WebhookFixture['toNextTry'] = async (endpointId, storeId) => {
    const { due_at, leased_until } = (await cursor(endpointId, storeId)) ?? {};
    if (due_at && !leased_until && due_at > clock.now()) clock.set(due_at);
  };
  const closeDispatchers = async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
    dispatchers.clear();
  };
  return {
    ...relay,
    clock,
    clients,
    closeDispatchers,
    endpoint: ({ url, events = ['*'], storeIds = null, clientId = 'client', host = 'pos', tenant = 'bakmi', description = null }) => {
      const id = `we_${newUlid()}`;
      const sealed = sealedSecret.seal(testMasterKeys, webhookEndpoints.sealedRow(id), testSecret);
      return webhookEndpoints.create(relay.db, { id, clientId, host, tenant, url, events, storeIds, description }, sealed, clock.now());
    },
    rotateSecret: async (id, secret) => {
      const sealed = sealedSecret.seal(testMasterKeys, webhookEndpoints.sealedRow(id), secret);
      await webhookEndpoints.rotateSecret(relay.db, 'client', id, sealed, clock.now());
    },
    dispatch: ({ db = dispatcherDb, limitMs = 10_000, isLocalStack = true, pace = testPace, ...rest } = {}) => {
      const sender = createWebhookSender(createNetworkRule({ allowedNetworks: [], isLocalStack }), clock, { limitMs });
      const dispatcher = startDispatcher({
        database: { key: relay.key, db },
        activeClients: () => clients,
        sender,
        signer: createWebhookSigner(testMasterKeys),
        clock,
        log: relay.log,
        metrics: createDispatcherMetrics(createMetrics('test'))(relay.key),
        pace,
        ...rest,
      });
      dispatchers.add(dispatcher);
      closing.push(async () => {
        await dispatcher.close();
        await sender.close();
      });
      return dispatcher;
    },
    happen: async (...stores) => {
      await commitEvents(
        relay.db,
        stores.map((store) => eventFixture(store, { occurred_at: clock.now().toISOString() })),
      );
      const onNumbered: Dispatcher['numbered'] = (events) => {
        for (const dispatcher of dispatchers) dispatcher.numbered(events);
      };
      const numbering = relay.createRelay({ clock, onNumbered });
      while ((await numbering.runOnce()).hasMore);
      await numbering.markPublished();
    },
    cursor,
    deliveries: (endpointId) => webhookDeliveries.list(relay.db.pool, { endpointId, state: null, after: null, limit: 100 }),
    toNextTry,
    untilDelivered: async (endpointId, storeId, seq) =>
      void (await eventually(async () => {
        await toNextTry(endpointId, storeId);
        const { after_seq, due_at } = (await cursor(endpointId, storeId)) ?? {};
        return after_seq === seq && due_at === null;
      })),
    reset: async () => {
      await closeDispatchers();
      await relay.db.pool.query('delete from gateway.webhook_endpoints; delete from gateway.webhook_cursors');
      clients.clear();
      clients.add('client');
      clock.set(new Date());
    },
    close: async () => {
      await closeDispatchers();
      await dispatcherDb.close();
      await relay.close();
    },
  };
}
