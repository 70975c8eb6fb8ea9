import { OrderNotPayable, withUnbooked } from '@gateway/shared/payment';
import { hasSqlState, sqlState, type Transaction } from '@gateway/shared/postgres';
import { newTenderId } from '@gateway/shared/runtime';
import { idempotencyKeys, type OrderPlace, tillOrders } from '@gateway/shared/store';
import type { Request, RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { fingerprintOf, idempotencyKeyOf } from '../http/headers.ts';
import { Problem } from '../http/problem.ts';
import { tenderBody } from './order-body.ts';
import type { TillHost } from './order-view.ts';
import { answerOrder, type OrderDeps, orderNotFound, placeOf } from './put-order.ts';
import { type ChangedOrder, changeOrder, hideOutdated, readLocked } from './store-order.ts';

interface TenderRequest extends OrderPlace {
  method: string;
  amount: number;
  key: idempotencyKeys.IdempotencyKey & { fingerprint: string };
  at: Date;
}

/** POST /stores/{store_id}/orders/{order_id}/tenders: money that the till took otherwise. The QR, which asks for more, is hidden before the answer. */
export const takeTender =
  (deps: OrderDeps): RequestHandler =>
  async (req, res) => {
    const place = placeOf(req, res);
    const client = clientOf(res);
    const host = deps.hosts.of(client);
    const tender = tenderBody.parse(req.body);
    const key = {
      clientId: client.id,
      operation: 'take-tender',
      key: requiredKey(req),
      fingerprint: fingerprintOf({ ...place, ...tender }),
    } as const;
    const request = { ...place, ...tender, key, at: deps.clock.now() };
    const taken = await deps.tenantShare(client, () => takeOnce(host, request));
    if (taken.isReplayed) res.setHeader('Idempotent-Replayed', 'true');
    await answerOrder(deps, res, host, taken, taken.isReplayed ? 200 : 201);
  };

function requiredKey(req: Request): string {
  const key = idempotencyKeyOf(req);
  if (key !== null) return key;
  throw new Problem('idempotency_key_required', 'Send an Idempotency-Key, a new one for each tender: a repeated request then counts once.');
}

type Taken = Omit<ChangedOrder, 'isCreated'> & { isReplayed: boolean };

/** Takes the tender once. When a concurrent request with the same key was faster, returns what that request did. */
async function takeOnce(host: TillHost, request: TenderRequest): Promise<Taken> {
  const attempt = () => changeOrder(host, request.tenant, (trx) => take(trx, host, request));
  try {
    return await attempt();
  } catch (error) {
    if (hasSqlState(error, sqlState.uniqueViolation)) return attempt();
    throw error;
  }
}

async function take(trx: Transaction, host: TillHost, request: TenderRequest): Promise<Taken> {
  const { key, amount, method, at } = request;
  const previous = await idempotencyKeys.findResource(trx, key, at);
  if (previous && previous.fingerprint !== key.fingerprint)
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new one.');
  if (previous) {
    const order = await tillOrders.orderOfTender(trx, previous.resourceId);
    if (!order) throw orderNotFound();
    return { order, hidden: null, isReplayed: true };
  }
  await tillOrders.lock(trx, request);
  const before = await readLocked(trx, host, request);
  if (before?.order.storeId !== request.storeId) throw orderNotFound();
  const { order, decisive } = before;
  if (order.status === 'void') throw new OrderNotPayable('the order is void');
  const due = order.total - Number(withUnbooked(String(order.paid), decisive.unbooked).paid);
  if (amount > due) throw new Problem('tender_exceeds_due', `${due} rupiah are due, and the tender is ${amount}.`, { due });
  const id = newTenderId();
  await idempotencyKeys.free(trx, key, null, at);
  await idempotencyKeys.bind(trx, key, key.fingerprint, id, at);
  await tillOrders.addTender(trx, { id, orderKey: order.orderKey, method, amount, clientId: key.clientId, at });
  const after = await tillOrders.find(trx, order.orderKey);
  if (!after) throw orderNotFound();
  return { order: after, hidden: await hideOutdated(trx, host, { order: after, decisive }, at), isReplayed: false };
}
