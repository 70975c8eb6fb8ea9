import type { RequestHandler } from 'express';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { eventQuery } from './event-query.ts';
import { eventsGone, readOwnStore } from './find-own-store.ts';
import { listEvents } from './list-events.ts';
import { pageSize } from './store-feed.ts';

/**
 * GET /stores/{store_id}/events with `Accept: text/event-stream`. `Last-Event-ID` wins over `after`: a browser that comes back
 * repeats the address it began with. The first page is read before anything is answered: a stream has no status code any more.
 */
const streamEvents =
  ({ hosts, feeds }: Pick<ApiDeps, 'hosts' | 'feeds'>): RequestHandler =>
  async (req, res) => {
    const { after = null } = eventQuery.parse({ ...req.query, ...lastEventId(req.get('last-event-id')) });
    const client = clientOf(res);
    const request = { storeId: req.params.storeId, after, limit: pageSize };
    const store = await feeds.withReadPermit(() => readOwnStore(hosts, client, request));
    if (store.events.isGone) throw eventsGone(store.events);
    feeds.serve(res, client, store);
  };

const lastEventId = (id: string | undefined) => (id ? { after: id } : {});

/** GET /stores/{store_id}/events, as a list or as a stream: whichever the caller accepts. */
export function storeEvents(deps: Pick<ApiDeps, 'hosts' | 'feeds'>): RequestHandler {
  const list = listEvents(deps);
  const stream = streamEvents(deps);
  return (req, res, next) => {
    res.vary('Accept');
    const wantsStream = req.method === 'GET' && req.accepts(['json', 'text/event-stream']) === 'text/event-stream';
    return (wantsStream ? stream : list)(req, res, next);
  };
}
