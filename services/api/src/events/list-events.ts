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
    const { events: page } = await readOwnStore(hosts, clientOf(res), { storeId: req.params.storeId, after, limit });
    if (page.isGone) throw eventsGone(page);
    const bodies = page.events.map(({ body }) => body).join(','); // as they are published, byte for byte: nothing is parsed to be written again
    const next = page.events.at(-1)?.seq ?? page.after;
    res.setHeader('Cache-Control', 'no-store');
    res.type('json').send(`{"events":[${bodies}],"next_after":${next},"oldest_seq":${page.oldestSeq}}`);
  };
