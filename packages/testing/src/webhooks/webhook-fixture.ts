import path from 'node:path';
import { type Dispatcher, type DispatcherStep, startDispatcher } from '@gateway/notifier/src/webhooks/dispatcher.ts';
import { createDispatcherMetrics } from '@gateway/notifier/src/webhooks/dispatcher-metrics.ts';
import type { SlotLimits } from '@gateway/notifier/src/webhooks/endpoint-slots.ts';
import { createWebhookSender } from '@gateway/notifier/src/webhooks/send-webhook.ts';
import { createWebhookSigner } from '@gateway/notifier/src/webhooks/sign-webhook.ts';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { createMetrics, createNetworkRule, type ManualClock, manualClock, newUlid, sealedSecret } from '@gateway/shared/runtime';
import { webhookEndpoints } from '@gateway/shared/store';
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
  /** Starts a dispatcher. Closed with the fixture. */
  dispatch(options?: DispatchOptions): Dispatcher;
  /** Commits events of these stores, in this order, numbers them, and tells the dispatchers. */
  happen(...stores: string[]): Promise<void>;
  cursor(endpointId: string, storeId: string): Promise<Cursor | undefined>;
  closeDispatchers(): Promise<void>;
}

export interface Cursor {
  after_seq: number;
  target_seq: number;
  due_at: Date | null;
  tries: number;
}

export interface DispatchOptions {
  db?: Database;
  limitMs?: number;
  slotLimits?: SlotLimits;
  onStep?: (step: DispatcherStep) => void;
  /** Named networks in place of the local stack's. */
  isLocalStack?: boolean;
}

export async function startWebhookFixture(options: { url?: string; redisUrl?: string } = {}): Promise<WebhookFixture> {
  const relay = await startRelayFixture(options);
  const clock = manualClock();
  const clients = new Set(['client']);
  const dispatcherDb = connectDatabase(relay.serveUrl, { name: 'test dispatcher' });
  const closing: (() => Promise<void>)[] = [];
  const dispatchers = new Set<Dispatcher>();
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
    dispatch: ({ db = dispatcherDb, limitMs = 10_000, isLocalStack = true, ...rest } = {}) => {
      const sender = createWebhookSender(createNetworkRule({ allowedNetworks: [], isLocalStack }), clock, { limitMs });
      const dispatcher = startDispatcher({
        database: { key: relay.key, db },
        activeClients: () => clients,
        sender,
        signer: createWebhookSigner(testMasterKeys),
        clock,
        log: relay.log,
        metrics: createDispatcherMetrics(createMetrics('test'))(relay.key),
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
    cursor: async (endpointId, storeId) => {
      const text = 'select after_seq, target_seq, due_at, tries from gateway.webhook_cursors where endpoint_id = $1 and store_id = $2';
      return (await relay.db.pool.query<Cursor>({ text, values: [endpointId, storeId] })).rows[0];
    },
    close: async () => {
      await closeDispatchers();
      await dispatcherDb.close();
      await relay.close();
    },
  };
}
