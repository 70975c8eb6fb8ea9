import { newEventId, plusMs } from '@gateway/shared/runtime';
import { webhookCursors, webhookDeliveries } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import type { WebhookEndpointDeps } from './create-endpoint.ts';
import { deliveriesQuery, deliveryView, recoverBody } from './endpoint-view.ts';
import { findOwnEndpoint } from './find-own-endpoint.ts';

type Deps = Pick<WebhookEndpointDeps, 'hosts' | 'clock'>;

/** GET /webhook-endpoints/{endpoint_id}/deliveries: newest event first. */
export const listDeliveries =
  ({ hosts }: Pick<Deps, 'hosts'>): RequestHandler =>
  async (req, res) => {
    const { state = null, limit, cursor } = deliveriesQuery.parse(req.query);
    const { db, endpoint } = await findOwnEndpoint(hosts, clientOf(res), req.params.endpointId);
    const after = cursor === undefined ? null : parseCursor(cursor);
    const found = await webhookDeliveries.list(db.pool, { endpointId: endpoint.id, state, after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    res.json({ deliveries: page.map(deliveryView), next_cursor: last && found.length > limit ? cursorOf(last) : null });
  };

/** A cursor names the last delivery of its page. Callers must not read it: its content may change. */
const cursorOf = ({ occurredAt, eventId }: webhookDeliveries.DeliveryCursor): string =>
  Buffer.from(`${occurredAt.getTime()}.${eventId}`).toString('base64url');

function parseCursor(cursor: string): webhookDeliveries.DeliveryCursor {
  const [, at, eventId] = /^(\d{12,15})\.(evt_[0-9a-z]{26})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at && eventId) return { occurredAt: new Date(Number(at)), eventId };
  const message = 'must be the next_cursor of the previous page';
  throw new Problem('validation_failed', `cursor: ${message}.`, { errors: [{ path: 'cursor', message }] });
}

/** POST /webhook-endpoints/{endpoint_id}/test: sends a `webhook.test` event as every other, signed and retried. */
export const testEndpoint =
  ({ hosts, clock }: Deps): RequestHandler =>
  async (req, res) => {
    const { db, endpoint } = await findOwnEndpoint(hosts, clientOf(res), req.params.endpointId);
    const now = clock.now();
    const event = { event_id: newEventId(), type: 'webhook.test', occurred_at: now.toISOString(), data: { webhook_endpoint: endpoint.id } };
    await webhookCursors.sendTest(db.pool, endpoint.id, event, now);
    res.status(202).json({ event_id: event.event_id });
  };

const furthestBackMs = 72 * 3_600_000; // how long the outbox keeps events

/** POST /webhook-endpoints/{endpoint_id}/recover: sends the events since a time again, in order. */
export const recoverEndpoint =
  ({ hosts, clock }: Deps): RequestHandler =>
  async (req, res) => {
    const since = new Date(recoverBody.parse(req.body ?? {}).since);
    const { db, endpoint } = await findOwnEndpoint(hosts, clientOf(res), req.params.endpointId);
    const now = clock.now();
    const message = 'must be a time in the last 72 hours';
    if (since < plusMs(now, -furthestBackMs) || since > now)
      throw new Problem('validation_failed', `since: ${message}.`, { errors: [{ path: 'since', message }] });
    await webhookCursors.recover(db.pool, endpoint.id, since, now);
    res.status(202).json({ since: since.toISOString() });
  };
