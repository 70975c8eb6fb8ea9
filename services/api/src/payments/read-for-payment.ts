import { composeStatement, type Host, OrderBusy, OrderKeyNotCanonical, type PayableRead, partOf, rowsAsJson } from '@gateway/shared/host';
import { asOrderKey } from '@gateway/shared/payment';
import { isLockTimeout, pipelined, type Transaction } from '@gateway/shared/postgres';
import { idempotencyKeys, payments } from '@gateway/shared/store';
import { Problem } from '../http/problem.ts';
import type { OpenRequest } from './open-payment.ts';

/** What decides about a request for a payment, as it is under the order's lock. */
export interface PaymentReads {
  /** What the request's key was bound to before. Null: nothing, or the request has no key. */
  found: idempotencyKeys.KeyedPayment | null;
  /** Null: the tenant has no such order. */
  hostRead: PayableRead | null;
  decisive: payments.Decisive;
}

const nothing: payments.Decisive = { payment: null, unbooked: [], fullSince: null };

/**
 * Locks the order and reads what decides about the request, one statement after the other in one round trip.
 * @returns `replayed`: the key decides alone, even when the order could not be read
 * @throws Problem `idempotency_key_reused`; the errors of the host's statements
 */
export async function readOneByOne(
  trx: Transaction,
  { host, client, orderId, key, now }: OpenRequest,
): Promise<PaymentReads | { replayed: idempotencyKeys.KeyedPayment['payment'] }> {
  const keyed = key ? idempotencyKeys.findPayment(trx, key, now) : Promise.resolve(null);
  const orderRead = host.orders.readPayable(trx, { orderId, tenant: client.tenant });
  const decisive = payments.findDecisive(trx, host.id, asOrderKey(orderId));
  decisive.catch(() => {}); // awaited below, unless an earlier statement decides the request

  const found = await keyed;
  const previous = found?.hasExpired ? null : found;
  if (previous && previous.fingerprint !== key?.fingerprint)
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new one.');
  if (previous && previous.payment.status !== 'failed') return { replayed: previous.payment };
  const hostRead = await orderRead;
  return { found, hostRead, decisive: await decisiveOf(trx, { host, orderId, hostRead, decisive }) };
}

/** @param decisive of the order id as the caller spelled it. An id in an invalid format has aborted the transaction: it has no payment */
function decisiveOf(
  trx: Transaction,
  {
    host,
    orderId,
    hostRead,
    decisive,
  }: { host: Host; orderId: string; hostRead: PayableRead | null; decisive: Promise<payments.Decisive> },
): Promise<payments.Decisive> {
  if (!hostRead) return decisive.catch(() => nothing);
  const { orderKey } = hostRead.order;
  return orderKey === orderId ? decisive : payments.findDecisive(trx, host.id, orderKey);
}

/**
 * As `readOneByOne`, in two statements of one round trip: one locks the order, the other reads what was committed while the first waited.
 * @returns null: the key was used before, or may have been, so the statements one by one decide
 * @throws OrderKeyNotCanonical also when only the spelling of the id differs; PostgreSQL's error without the place in the host's files
 */
export async function readAtOnce(trx: Transaction, { host, client, orderId, key }: OpenRequest): Promise<PaymentReads | null> {
  const order = { orderKey: orderId, tenant: client.tenant };
  const { parts } = host.orders;
  const lock = composeStatement('lock order', [parts.lockedOrder(order)], ([text]) => text as string);
  const sent = pipelined([trx.query(lock), trx.query<StateRow & Record<string, unknown>>(readState(host, order, key))] as const);
  const results = await sent.catch((error: unknown) => {
    if (!isLockTimeout(error)) throw error;
    if (key) return null; // it may have an answer, which does not wait for the order
    throw new OrderBusy(error);
  });
  if (!results) return null;
  const [, { rows }] = results;
  const { isKeyUsed, hostOrder, hostLines, hostCharges, ...decisiveRow } = rows[0] as StateRow;
  if (isKeyUsed) return null;
  const decisive = payments.decisiveIn(decisiveRow);
  const read = parts.orderIn(hostOrder, client.tenant);
  if (!read) return { found: null, hostRead: null, decisive };
  if (read.orderKey !== orderId) throw new OrderKeyNotCanonical(read.orderKey);
  const hostRead = {
    order: read,
    lines: read.payable ? parts.linesIn(hostLines) : [],
    charges: read.payable ? parts.chargesIn(hostCharges) : [],
  };
  return { found: null, hostRead, decisive };
}

type StateRow = payments.DecisiveRow & { isKeyUsed: true | null; hostOrder: string; hostLines: string; hostCharges: string };

function readState({ id, orders: { parts } }: Host, order: { orderKey: string; tenant: string }, key: OpenRequest['key']) {
  const read = [
    parts.order(order),
    parts.lines(order),
    parts.charges(order),
    partOf(payments.decisiveQuery(id, asOrderKey(order.orderKey))),
    partOf(idempotencyKeys.usedQuery(key)),
  ];
  return composeStatement(
    'read for payment',
    read,
    ([hostOrder, lines, charges, decisive, usedKey]) => `select d.*, k."isKeyUsed", ${rowsAsJson(hostOrder as string)} as "hostOrder",
        ${rowsAsJson(lines as string)} as "hostLines", ${rowsAsJson(charges as string)} as "hostCharges"
      from (${decisive}) d left join (${usedKey}) k on true`,
  );
}
