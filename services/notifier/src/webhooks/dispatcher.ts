import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '@gateway/shared/postgres';
import { type Clock, type Logger, plusMs } from '@gateway/shared/runtime';
import { numberedEvents, type outbox, webhookCursors, webhookEndpoints } from '@gateway/shared/store';
import { createWakeUp, type WakeUp } from '../wake-up.ts';
import { createAcknowledge } from './acknowledge.ts';
import { type DeliveryContext, deliverInOrder } from './deliver-in-order.ts';
import type { DispatcherMetrics } from './dispatcher-metrics.ts';
import { createEndpointSlots, defaultSlotLimits, type EndpointSlots, type SlotLimits } from './endpoint-slots.ts';
import type { WebhookSender } from './send-webhook.ts';
import type { WebhookSigner } from './sign-webhook.ts';

/** How often a dispatcher looks for what no signal names. */
export interface DispatcherPace {
  /** The delay of a retry that became due, and of what another process left. */
  tickMs: number;
  /** How long a new endpoint, a changed URL or a revoked key is unknown here. */
  refreshMs: number;
  /** How long an event waits whose process was killed before it could be noted. */
  catchUpMs: number;
}

export const defaultPace: DispatcherPace = { tickMs: 250, refreshMs: 1_000, catchUpMs: 5_000 };
// A round has a cost of its own, in this process and in the database, that tills on the same cores wait for. What is numbered between two
// rounds is noted by one statement, so rounds are rarer while many events happen. A first event is sent at once.
const roundEveryMs = { usually: 25, whileMany: 75 };
const manyInOneRound = 8;
const errorPauseMs = 1_000;

/** A process is killed here by a test. */
export type DispatcherStep = 'noted' | 'claimed' | 'sent' | 'concluded';

export interface DispatcherDeps {
  database: { key: string; db: Database };
  /** The ids of the clients whose key is valid; null until they were read once, and then nothing is sent. */
  activeClients: () => ReadonlySet<string> | null;
  sender: WebhookSender;
  signer: WebhookSigner;
  clock: Clock;
  log: Logger;
  metrics: DispatcherMetrics;
  onStep?: (step: DispatcherStep) => void;
  slotLimits?: SlotLimits;
  pace?: DispatcherPace;
}

export interface Dispatcher {
  /** Takes note of events that the relay has numbered. Nothing is kept and no statement is sent while the database has no endpoint. */
  numbered(events: readonly outbox.PendingEvent[]): void;
  /** Ends the attempts in flight, and gives their leases back. */
  close(): Promise<void>;
}

interface DispatcherState extends DeliveryContext {
  activeClients: DispatcherDeps['activeClients'];
  pace: DispatcherPace;
  wakeUp: WakeUp;
  /** Numbered events that were not noted yet, at most a relay run of some hundred at a time. */
  fresh: outbox.PendingEvent[];
  /** Endpoints for which a cursor may be due. */
  ready: Set<string>;
  running: Set<Promise<void>>;
  slots: EndpointSlots;
  refreshedAt: number;
  caughtUpAt: number;
  tickedAt: number;
  roundedAt: number;
  /** How many events the last round noted. */
  notedCount: number;
}

/**
 * Sends the events of one database to its webhook endpoints. The row of an endpoint and a store (`webhook_cursors`) says how far that store
 * is delivered; it is leased while one of its events is sent, so that the events of a store arrive in order, and stores do not wait for
 * each other. Several processes may dispatch: a due row is claimed by one of them.
 */
export function startDispatcher(deps: DispatcherDeps): Dispatcher {
  const stopping = new AbortController();
  const state: DispatcherState = {
    ...deps,
    onStep: deps.onStep ?? (() => {}),
    pace: deps.pace ?? defaultPace,
    endpoints: new Map(),
    acknowledge: createAcknowledge(deps.database.db.pool),
    slots: createEndpointSlots(deps.slotLimits ?? defaultSlotLimits),
    wakeUp: createWakeUp(),
    stopping: stopping.signal,
    fresh: [],
    ready: new Set(),
    running: new Set(),
    refreshedAt: Number.NEGATIVE_INFINITY,
    caughtUpAt: Number.NEGATIVE_INFINITY,
    tickedAt: Number.NEGATIVE_INFINITY,
    roundedAt: Number.NEGATIVE_INFINITY,
    notedCount: 0,
  };
  const finished = run(state);
  return {
    numbered: (events) => {
      if (state.endpoints.size === 0 || stopping.signal.aborted) return;
      state.fresh.push(...events);
      state.wakeUp.signal();
    },
    close: async () => {
      stopping.abort();
      state.wakeUp.signal();
      await finished;
      await Promise.all(state.running);
    },
  };
}

async function run(state: DispatcherState): Promise<void> {
  let isFailing = false;
  while (!state.stopping.aborted) {
    try {
      await round(state);
      isFailing = false;
    } catch (error) {
      if (!isFailing) state.log.warn({ host: state.database.key, err: error }, 'webhook dispatcher failed, retrying');
      isFailing = true;
      state.fresh = []; // they are found again by `catchUp`
      state.caughtUpAt = Number.NEGATIVE_INFINITY;
      await sleep(errorPauseMs, undefined, { signal: state.stopping }).catch(() => {});
    }
  }
}

async function round(state: DispatcherState): Promise<void> {
  const { tickMs, refreshMs, catchUpMs } = state.pace;
  await state.wakeUp.wait(tickMs);
  const onlyFresh = state.ready.size === 0; // no cursor waits for a slot
  const everyMs = onlyFresh && state.notedCount > manyInOneRound ? roundEveryMs.whileMany : roundEveryMs.usually;
  const earlyMs = state.roundedAt + everyMs - performance.now();
  if (earlyMs > 0) await sleep(earlyMs, undefined, { signal: state.stopping }).catch(() => {});
  if (state.stopping.aborted) return;
  state.roundedAt = performance.now();
  if (isOver(state.refreshedAt, refreshMs)) await refresh(state);
  if (state.endpoints.size === 0) return;
  await noteFresh(state);
  if (isOver(state.caughtUpAt, catchUpMs)) await catchUp(state);
  if (isOver(state.tickedAt, tickMs)) {
    state.tickedAt = performance.now();
    for (const id of state.endpoints.keys()) state.ready.add(id);
  }
  await claim(state);
}

const isOver = (since: number, ms: number): boolean => performance.now() - since >= ms;

async function refresh(state: DispatcherState): Promise<void> {
  const { database, activeClients, signer, metrics, slots } = state;
  const clients = activeClients();
  const all = clients ? await webhookEndpoints.active(database.db.pool) : [];
  const before = state.endpoints;
  state.endpoints = new Map(all.filter(({ clientId }) => clients?.has(clientId)).map((endpoint) => [endpoint.id, endpoint]));
  state.refreshedAt = performance.now();
  if ([...state.endpoints.keys()].some((id) => !before.has(id))) state.caughtUpAt = Number.NEGATIVE_INFINITY; // it may have waiting events
  signer.keep(state.endpoints.values());
  metrics.endpoints(state.endpoints.size, slots.inFlight);
}

/** Notes what was numbered, and starts to deliver the events of cursors at which nothing waited. */
async function noteFresh(state: DispatcherState): Promise<void> {
  const { slots, endpoints, ready, database, clock } = state;
  const events = state.fresh.splice(0).map(({ storeId, seq, eventId, body }) => {
    const { type, occurred_at } = JSON.parse(body) as { type: string; occurred_at: string };
    return { storeId, seq, eventId, body, type, occurredAt: new Date(occurred_at) };
  });
  state.notedCount = events.length;
  if (events.length === 0) return;
  const now = clock.now();
  const leasedUntil = plusMs(now, webhookCursors.leaseMs);
  const stores = new Set(events.map(({ storeId }) => storeId)).size;
  const free = [...slots.capacity(endpoints.keys(), stores)].filter(([, count]) => count === stores);
  const noted = await numberedEvents.note(database.db, events, now, { endpointIds: free.map(([id]) => id), leasedUntil });
  for (const id of noted.ready) ready.add(id);
  state.onStep('noted');
  if (noted.started.length > 0) state.onStep('claimed');
  for (const due of noted.started) start(state, due, leasedUntil);
}

async function catchUp(state: DispatcherState): Promise<void> {
  for (const id of await numberedEvents.catchUp(state.database.db, state.clock.now())) state.ready.add(id);
  state.caughtUpAt = performance.now();
}

/** Claims as many due cursors as there are free slots, and starts to deliver them. */
async function claim(state: DispatcherState): Promise<void> {
  const { slots, ready, endpoints, database, clock } = state;
  for (const id of ready) if (!endpoints.has(id)) ready.delete(id);
  const capacity = slots.capacity(ready);
  if (capacity.size === 0) return;
  const now = clock.now();
  const leasedUntil = plusMs(now, webhookCursors.leaseMs);
  for (const id of capacity.keys()) ready.delete(id);
  const deliveries = await webhookCursors.claim(database.db.pool, capacity, now, leasedUntil);
  if (deliveries.length > 0) state.onStep('claimed');
  for (const due of deliveries) start(state, due, leasedUntil);
  for (const [id, count] of capacity) if (deliveries.filter(({ endpointId }) => endpointId === id).length >= count) ready.add(id); // more may be due
  if (slots.capacity(ready).size > 0) state.wakeUp.signal();
}

function start(state: DispatcherState, due: webhookCursors.DueDelivery, leasedUntil: Date): void {
  const { slots, ready, running, wakeUp } = state;
  const { endpointId } = due;
  slots.take(endpointId);
  const delivery = deliverInOrder(state, due, leasedUntil)
    .then((hasMore) => {
      if (hasMore) ready.add(endpointId);
    })
    .catch((error: unknown) => {
      // The lease ends automatically. The event is then sent again, with the same id.
      state.log.warn({ host: state.database.key, endpoint_id: endpointId, err: error }, 'webhook delivery not recorded');
    })
    .finally(() => {
      slots.free(endpointId);
      running.delete(delivery);
      if (ready.has(endpointId)) wakeUp.signal();
    });
  running.add(delivery);
}
