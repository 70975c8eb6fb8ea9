import type { Host } from '@gateway/shared/host';
import { type OrderChange, orderChange, type Payment } from '@gateway/shared/payment';
import { inTransaction, pipelined } from '@gateway/shared/postgres';
import type { Logger } from '@gateway/shared/runtime';
import { attempts } from '@gateway/shared/store';

interface OnDisplay {
  host: Host;
  payment: Pick<Payment, 'id' | 'orderKey' | 'tenant' | 'bill'>;
  log: Logger;
}

/**
 * Reads the order of a QR in one round trip, without a lock and without waiting for one.
 * @returns why the QR must be hidden; null when it may be on display, and when the host cannot be read now. Never throws
 */
export async function readOrderChange({ host, payment, log }: OnDisplay): Promise<OrderChange | null> {
  try {
    const [order, unbooked] = await inTransaction(
      host.db,
      (trx) => pipelined([host.orders.readDue(trx, payment), attempts.unbookedOf(trx, host.id, payment.orderKey), trx.commit()] as const),
      host.orders.begin(payment.tenant),
    );
    return orderChange(order, payment.bill, host.folder.money, unbooked);
  } catch (error) {
    log.warn({ payment_id: payment.id, host: host.id, err: error }, 'order not readable, its QR stays on display');
    return null;
  }
}

/** The same for a QR that a till waits for: an answer that takes longer than `limitMs` counts as null. */
export async function readOrderChangeWithin(limitMs: number, onDisplay: OnDisplay): Promise<OrderChange | null> {
  const { promise: timeLimit, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, limitMs, null);
  return Promise.race([readOrderChange(onDisplay), timeLimit]).finally(() => clearTimeout(timer));
}
