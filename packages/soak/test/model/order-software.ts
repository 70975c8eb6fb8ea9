import type { Payment } from '@gateway/shared/payment';
import {
  addToOrder,
  anOrder,
  deleteOrder,
  payInCash,
  payPartInCash,
  reduceOrder,
  reopenOrder,
  voidOrder,
} from '@gateway/testing/pos/pos-orders';
import type { WorkerHarness } from '@gateway/testing/worker/worker-harness';

export type HostId = 'pos' | 'till';

/** What people do to an order at their till: in a database of its own, or by the API. */
export interface OrderSoftware {
  hostId: HostId;
  /** Makes an order of one dish. @returns its order key */
  anOrder(total: number): Promise<string>;
  /** Makes the order payable, as POST /transaction/payments does. Its charge job has not run. */
  open(orderKey: string, expiresInMs: number): Promise<Payment>;
  addDish(orderKey: string, amount: number): Promise<unknown>;
  reduce(orderKey: string, amount: number): Promise<unknown>;
  swapDish(orderKey: string): Promise<unknown>;
  /** Takes what is due in cash. */
  payInCash(orderKey: string): Promise<unknown>;
  payPartInCash(orderKey: string, amount: number): Promise<unknown>;
  voidOrder(orderKey: string): Promise<unknown>;
  deleteOrder(orderKey: string): Promise<unknown>;
  /** Opens a closed order again with one more dish. */
  reopen(orderKey: string, amount: number): Promise<unknown>;
}

/** A POS that writes its orders into its own tables. */
export function posSoftware({ db: { pool }, created }: WorkerHarness): OrderSoftware {
  return {
    hostId: 'pos',
    anOrder: (total) => anOrder(pool, { total }),
    open: (orderId, expiresInMs) => created({ orderId, expiresInMs }),
    addDish: (order, amount) => addToOrder(pool, order, amount),
    reduce: (order, amount) => reduceOrder(pool, order, amount),
    swapDish: (order) =>
      pool.query(`update pos.order_items set name = 'Mie Goreng', sku = 'MKN-002' where order_id = $1 and line_no = 1`, [order]),
    payInCash: (order) => payInCash(pool, order),
    payPartInCash: (order, amount) => payPartInCash(pool, order, amount),
    voidOrder: (order) => voidOrder(pool, order),
    deleteOrder: (order) => deleteOrder(pool, order),
    reopen: (order, amount) => reopenOrder(pool, order, amount),
  };
}
