import type { Hosts } from '@gateway/shared/host';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { eventQuery } from './event-query.ts';
import { eventsGone, readOwnStore } from './find-own-store.ts';

export interface ListEventsDeps {
  hosts: Hosts;
}

/** GET /stores/{store_id}/events?after=&limit=: the events after a `seq`, as a list. Each one has exactly the bytes that are published. */
export const listEvents =
  ({ hosts }: ListEventsDeps): RequestHandler =>
  async (req, res) => {
    const { after = null, limit } = eventQuery.parse(req.query);
    const { events: page } = await readOwnStore(hosts, clientOf(res), { storeId: req.params.storeId, after, limit });
    if (page.isGone) throw eventsGone(page);
    const bodies = page.events.map(({ body }) => body).join(',');
    const nextAfter = page.events.at(-1)?.seq ?? page.after;
    res.setHeader('Cache-Control', 'no-store');
    res.type('json').send(`{"events":[${bodies}],"next_after":${nextAfter},"oldest_seq":${page.oldestSeq}}`);
  };
