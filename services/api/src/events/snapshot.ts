import type { Hosts } from '@gateway/shared/host';
import { type Clock, plusMs } from '@gateway/shared/runtime';
import { storeFeed } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { paymentView } from '../payments/payment-view.ts';
import type { QrLinks } from '../payments/qr-link.ts';
import { readOwnStore } from './find-own-store.ts';

export interface SnapshotDeps {
  hosts: Hosts;
  links: QrLinks;
  clock: Clock;
}

const snapshotWindowMs = 12 * 3_600_000; // an order older than this is not cooked any more

/**
 * GET /stores/{store_id}/snapshot: what a screen shows when it starts. `seq` is read first, so the rest includes every event up to `seq`.
 * A screen that then applies the events after `seq` reaches the current state.
 */
export const snapshot =
  ({ hosts, links, clock }: SnapshotDeps): RequestHandler =>
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
