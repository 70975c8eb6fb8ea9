import { composeStatement, type Host, partOf } from '@gateway/shared/host';
import type { OrderChange } from '@gateway/shared/payment';
import { inTransaction, isConnectionLoss, isPostgresError, pipelined } from '@gateway/shared/postgres';
import type { Logger } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import { readOrderChangeWithin } from './read-order-change.ts';

const orderReadLimitMs = 250; // a host that takes longer must not cost a till its QR: the first poll reads the order again

/** `shown`; an order change: the QR may not be shown; `not_shown`: another QR is on display, or the payment was closed meanwhile. */
export type ShowResult = 'shown' | 'not_shown' | OrderChange;

/**
 * Shows a QR if its order owes what the QR asks for. The usual case is one statement, which reads the order and shows the QR. When it shows
 * nothing, the order is read and compared exactly, and a host that cannot be read now does not keep the QR from the till.
 * @throws when the connection is lost: the QR may be on display
 */
export async function showQr(host: Host, qr: payments.QrToShow, log: Logger): Promise<ShowResult> {
  if (await isShownUnchanged(host, qr)) return 'shown';
  const change = await readOrderChangeWithin(orderReadLimitMs, { host, payment: qr.shown.payment, log });
  if (change) return change;
  return (await payments.showQr(host.db.pool, qr)) ? 'shown' : 'not_shown';
}

/** False: the order has changed, cannot be read now, or no QR may be shown; nothing was written. */
async function isShownUnchanged({ db, orders }: Host, qr: payments.QrToShow): Promise<boolean> {
  const { payment } = qr.shown;
  const query = composeStatement(
    'show unchanged',
    [orders.parts.order(payment), partOf(payments.showUnchangedQuery(qr))],
    ([order, show]) => `with host_order as (${order}\n), ${(show as string).replace(/^with /, '')}`,
  );
  const beginning = orders.begin(payment.tenant, { statementTimeoutMs: orderReadLimitMs });
  try {
    const [{ rowCount }] = await inTransaction(db, (trx) => pipelined([trx.query(query), trx.commit()] as const), beginning);
    return rowCount === 1;
  } catch (error) {
    if (!isPostgresError(error) || isConnectionLoss(error)) throw error;
    return false;
  }
}
