import type { Hosts } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import { asOrderKey } from '@gateway/shared/payment';
import type { Enqueue } from '@gateway/shared/queue';
import type { Clock } from '@gateway/shared/runtime';
import { payments, tillHost } from '@gateway/shared/store';
import type { Request, RequestHandler, Response } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import type { TenantShare } from '../http/tenant-share.ts';
import { cancellationJob } from '../payments/cancellation-job.ts';
import type { QrLinks } from '../payments/qr-link.ts';
import type { StoreRegistry } from '../payments/store-registry.ts';
import { orderBody, orderFingerprint, orderPath } from './order-body.ts';
import { orderView, type TillHost } from './order-view.ts';
import {
  type ChangedOrder,
  changeOrder,
  hideOutdated,
  type OrderToStore,
  readLocked,
  requireBooked,
  requireSame,
  requireSum,
  sendOrder,
} from './store-order.ts';
import { requireTillStore } from './till-caller.ts';

export interface OrderDeps {
  hosts: Hosts;
  stores: StoreRegistry;
  tenantShare: TenantShare;
  enqueue: Enqueue;
  links: QrLinks;
  clock: Clock;
}

/** Where the request's order belongs. @throws ZodError; Refusal for a store that the key does not cover */
export function placeOf(req: Request, res: Response) {
  const { store_id: storeId, order_id: orderId } = orderPath.parse({ store_id: req.params.storeId, order_id: req.params.orderId });
  const client = clientOf(res);
  requireTillStore(client, storeId);
  return { tenant: client.tenant, storeId, orderId };
}

/** PUT /stores/{store_id}/orders/{order_id}: makes or replaces an order. A QR for another amount is hidden before the answer. */
export const putOrder =
  (deps: OrderDeps): RequestHandler =>
  async (req, res) => {
    const place = placeOf(req, res);
    const body = orderBody.parse(req.body);
    requireSum(body);
    const client = clientOf(res);
    const host = deps.hosts.of(client);
    const store = { host, storeId: place.storeId, tenant: place.tenant };
    if (!deps.stores.has(store)) await deps.stores.register(store);
    const order = { ...place, body, fingerprint: orderFingerprint(body), at: deps.clock.now() };
    const changed = await deps.tenantShare(client, () => changeOrder(host, client.tenant, (trx) => put(trx, host, order)));
    await answerOrder(deps, res, host, changed, changed.isCreated ? 201 : 200);
  };

async function put(trx: Parameters<typeof sendOrder>[0], host: TillHost, toStore: OrderToStore): Promise<ChangedOrder> {
  const sent = sendOrder(trx, toStore);
  sent.catch(() => {}); // awaited below: the reads share its round trip
  const [version, locked] = await Promise.all([sent, readLocked(trx, host, toStore)]);
  if (!locked) throw new Error('the order that was stored is not found');
  if (version === null) {
    requireSame(locked.order, toStore);
    return { order: locked.order, hidden: null, isCreated: false };
  }
  requireBooked(locked.decisive);
  const hidden = await hideOutdated(trx, host, locked, toStore.at);
  return { order: locked.order, hidden, isCreated: version === 1 };
}

/** Answers with the order and its payment to show, after the job was added that cancels the charge of a hidden QR. */
export async function answerOrder(
  { enqueue, links, clock }: Pick<OrderDeps, 'enqueue' | 'links' | 'clock'>,
  res: Response,
  host: TillHost,
  { order, hidden }: Pick<ChangedOrder, 'order' | 'hidden'>,
  status: 200 | 201,
): Promise<void> {
  if (hidden) cancelHidden(enqueue, hidden);
  const payment = await payments.findCurrent(host.db.pool, tillHost, asOrderKey(order.orderKey));
  res.status(status).json(orderView(order, payment, { links, now: clock.now() }));
}

/** Not awaited: the row of the hidden payment is due already, so the sweep cancels it when the queue does not. */
function cancelHidden(enqueue: Enqueue, hidden: Payment): void {
  void enqueue(cancellationJob(hidden), { host: hidden.host, paymentId: hidden.id, leaseNo: hidden.leaseNo });
}

export const orderNotFound = (): Problem =>
  new Problem('order_not_found', 'No order with this id exists at this store for this key. PUT makes one.');
