import { tillOrders } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { answerOrder, type OrderDeps, orderNotFound, placeOf } from './put-order.ts';
import { changeOrder, hideOutdated, orderPaid, readLocked } from './store-order.ts';

/** DELETE /stores/{store_id}/orders/{order_id}: voids an order for which no money was taken. Its QR is hidden before the answer. May run twice. */
export const voidOrder =
  (deps: OrderDeps): RequestHandler =>
  async (req, res) => {
    const place = placeOf(req, res);
    const client = clientOf(res);
    const host = deps.hosts.of(client);
    const now = deps.clock.now();
    const changed = await deps.tenantShare(client, () =>
      changeOrder(host, client.tenant, async (trx) => {
        const before = await tillOrders.lock(trx, place);
        if (before?.storeId !== place.storeId) throw orderNotFound();
        await tillOrders.voidOrder(trx, before.orderKey, now);
        const locked = await readLocked(trx, host, place);
        if (!locked) throw orderNotFound();
        const isMoneyTaken = locked.order.paid > 0 || locked.decisive.unbooked.length > 0;
        if (isMoneyTaken) throw orderPaid('Money was taken for this order, so it cannot be voided. Refund the payment instead.');
        return { order: locked.order, hidden: await hideOutdated(trx, host, locked, now) };
      }),
    );
    await answerOrder(deps, res, host, changed, 200);
  };
