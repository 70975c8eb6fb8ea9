import type { Request, RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import type { ReadKind } from '../http/limit-reads.ts';
import { eventQuery } from './event-query.ts';
import { eventsGone, readOwnStore } from './find-own-store.ts';
import { type ListEventsDeps, listEvents } from './list-events.ts';
import type { LiveFeeds } from './live-feeds.ts';
import { pageSize } from './store-feed.ts';

export interface StoreEventsDeps extends ListEventsDeps {
  feeds: LiveFeeds;
}

/**
 * GET /stores/{store_id}/events with `Accept: text/event-stream`. `Last-Event-ID` wins over `after`, because a browser that reconnects
 * repeats its first URL. The first page is read before the answer begins: afterwards a stream has no status code for an error.
 */
const streamEvents =
  ({ hosts, feeds }: StoreEventsDeps): RequestHandler =>
  async (req, res) => {
    const lastEventId = req.get('last-event-id');
    const { after = null } = eventQuery.parse({ ...req.query, ...(lastEventId ? { after: lastEventId } : {}) });
    const client = clientOf(res);
    const request = { storeId: req.params.storeId, after, limit: pageSize };
    const store = await feeds.withReadPermit(() => readOwnStore(hosts, client, request));
    if (store.events.isGone) throw eventsGone(store.events);
    feeds.serve(res, client, store);
  };

const wantsStream = (req: Request): boolean => req.method === 'GET' && req.accepts(['json', 'text/event-stream']) === 'text/event-stream';

/** Opening a stream and reading a list have limits of their own: all screens of a tenant open their streams at once after a restart. */
export const eventReadKind = (req: Request): ReadKind => (wantsStream(req) ? 'streams' : 'events');

/** GET /stores/{store_id}/events: a list or a stream, as the caller's `Accept` header says. */
export function storeEvents(deps: StoreEventsDeps): RequestHandler {
  const list = listEvents(deps);
  const stream = streamEvents(deps);
  return (req, res, next) => {
    res.vary('Accept');
    return (wantsStream(req) ? stream : list)(req, res, next);
  };
}
