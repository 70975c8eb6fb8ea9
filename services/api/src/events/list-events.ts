import type { RequestHandler } from 'express';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { eventQuery } from './event-query.ts';
import { eventsGone, readOwnStore } from './find-own-store.ts';

/** GET /stores/{store_id}/events?after=&limit=: what a screen missed. */
export const listEvents =
  ({ hosts }: Pick<ApiDeps, 'hosts'>): RequestHandler =>
  async (req, res) => {
    const { after = null, limit } = eventQuery.parse(req.query);
    const { events: read } = await readOwnStore(hosts, clientOf(res), { storeId: req.params.storeId, after, limit });
    if (read.isGone) throw eventsGone(read);
    const bodies = read.events.map(({ body }) => body).join(','); // as they are published, byte for byte: nothing is parsed to be written again
    const next = read.events.at(-1)?.seq ?? read.after;
    res.setHeader('Cache-Control', 'no-store');
    res.type('json').send(`{"events":[${bodies}],"next_after":${next},"oldest_seq":${read.oldestSeq}}`);
  };
