import { plusMs } from '@gateway/shared/runtime';
import { storeFeed } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { paymentView } from '../payments/payment-view.ts';
import { readOwnStore } from './find-own-store.ts';

const snapshotWindowMs = 12 * 3_600_000; // what was to be cooked half a day ago is cooked, or never will be

/**
 * GET /stores/{store_id}/snapshot: what a screen shows that knows nothing yet. The number is read first: what is read after it
 * holds all that the events up to it say, and those that follow bring whoever applies them to the same end.
 */
export const snapshot =
  ({ hosts, links, clock }: Pick<ApiDeps, 'hosts' | 'links' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const now = clock.now();
    const { id, db, events } = await readOwnStore(hosts, clientOf(res), { storeId: req.params.storeId, after: null, limit: 1 });
    const { lastSeq: seq, owner } = events;
    const [payments, orders] = await Promise.all([
      storeFeed.openPayments(db.pool, id, owner),
      storeFeed.releasedOrders(db.pool, id, seq, plusMs(now, -snapshotWindowMs)),
    ]);
    const openPayments = JSON.stringify(payments.map((payment) => paymentView(payment, links, now)));
    res.setHeader('Cache-Control', 'no-store');
    res
      .type('json')
      .send(`{"store_id":"${id}","seq":${seq},"payments":${openPayments},"orders":[${orders.map(({ body }) => body).join(',')}]}`);
  };
