import { composeStatement, type Host, type HostOrder, partOf, rowsAsJson } from '@gateway/shared/host';
import {
  type Attempt,
  asOrderKey,
  type HostLine,
  type Payment,
  type ReleaseItem,
  statusGroups,
  type UnbookedMoney,
} from '@gateway/shared/payment';
import { pipelined, type Transaction } from '@gateway/shared/postgres';
import { attempts, events, payments } from '@gateway/shared/store';
import type pg from 'pg';

/** What is known about a payment under the locks of its order and of itself. */
export interface LockedReads {
  /** Null: the host has no such order any more, or it is left out. */
  order: HostOrder | null;
  payment: Payment | null;
  attempts: Attempt[];
  unbooked: UnbookedMoney[];
  /** What the order lists now, and what earlier releases of it listed. Empty unless money arrived. */
  lines: HostLine[];
  released: ReleaseItem[];
  /** False: no other payment of the order is open, and the order's lock keeps one from being made. */
  mayHaveSiblings: boolean;
  /** False: no report of money for an attempt of the payment is unconfirmed. */
  mayBeUnconfirmed: boolean;
}

type PaymentKey = Pick<Payment, 'id' | 'orderKey' | 'tenant'>;

/**
 * Locks the order, then the payment, and reads what a change of the payment needs, one statement after the other in one round trip. The
 * opposite order of locks deadlocks with a till that creates a payment for this order.
 */
export async function readOneByOne(
  trx: Transaction,
  host: Host,
  key: PaymentKey,
  { isWithoutHost, mayRelease }: { isWithoutHost: boolean; mayRelease: boolean },
): Promise<LockedReads> {
  const orderKey = asOrderKey(key.orderKey);
  const [order, payment, attemptRows, unbooked, lines, released] = await pipelined([
    isWithoutHost ? Promise.resolve(null) : host.orders.lockOrder(trx, key),
    payments.lock(trx, key.id),
    attempts.ofPayment(trx, key.id),
    attempts.unbookedOf(trx, host.id, orderKey),
    mayRelease ? host.orders.readLines(trx, key) : Promise.resolve([]),
    mayRelease ? events.releasedItems(trx, host.id, orderKey) : Promise.resolve([]),
  ] as const);
  return { order, payment, attempts: attemptRows, unbooked, lines, released, mayHaveSiblings: true, mayBeUnconfirmed: true };
}

/**
 * As `readOneByOne`, in two statements: one locks the order and the payment, one reads. The second sees what was committed while the
 * first waited for a lock. A statement of the host that fails makes both fail, and does not tell which one it was.
 */
export async function readAtOnce(trx: Transaction, host: Host, key: PaymentKey): Promise<LockedReads> {
  const [locked, read] = await pipelined([
    trx.query<Payment & Record<string, unknown>>(lockBoth(host, key)),
    trx.query<StateRow & Record<string, unknown>>(readState(host, key)),
  ] as const);
  const { parts } = host.orders;
  const [first] = read.rows as [StateRow & Record<string, unknown>];
  const payment = locked.rows[0] ?? null;
  return {
    order: parts.orderIn(first.hostOrder, key.tenant),
    payment,
    attempts: first.paymentId === null ? [] : read.rows,
    unbooked: first.unbookedMoney,
    lines: parts.linesIn(first.hostLines),
    released: first.released.flat(),
    mayHaveSiblings: first.mayHaveSiblings,
    mayBeUnconfirmed: payment !== null && mayBeUnconfirmed(payment),
  };
}

/** A report that is not confirmed marks its payment in the row that is locked now, unless the payment is settled. */
const mayBeUnconfirmed = ({ needsReview, status }: Payment): boolean =>
  needsReview || statusGroups.settled.some((settled) => settled === status);

/** The order is locked first, because its step is counted before the payment is looked for. */
function lockBoth({ orders }: Host, key: PaymentKey): pg.QueryConfig {
  return composeStatement(
    'lock order and payment',
    [orders.parts.lockedOrder(key), partOf(payments.findQuery(key.id))],
    ([order, payment]) =>
      `with host_order as materialized (${order}\n) ${payment} and (select count(*) from host_order) >= 0 for update of p`,
  );
}

/** The attempts, each with the state of the order beside it; one row without an attempt when there is none. */
type StateRow = Attempt & {
  hostOrder: string;
  hostLines: string;
  unbookedMoney: UnbookedMoney[];
  released: ReleaseItem[][];
  mayHaveSiblings: boolean;
};

function readState({ id, orders }: Host, key: PaymentKey): pg.QueryConfig {
  const orderKey = asOrderKey(key.orderKey);
  const parts = [
    orders.parts.order(key),
    orders.parts.lines(key),
    partOf(attempts.unbookedQuery(id, orderKey)),
    partOf(events.releasedItemsQuery(id, orderKey)),
    partOf(payments.openSiblingQuery(id, key)),
    partOf(attempts.ofPaymentQuery(key.id)),
  ];
  return composeStatement(
    'read order and payment',
    parts,
    ([order, lines, unbooked, released, siblings, ofPayment]) => `select a.*, state.*
      from (select ${rowsAsJson(order as string)} as "hostOrder", ${rowsAsJson(lines as string)} as "hostLines",
        (select coalesce(json_agg(u), '[]') from (${unbooked}) u) as "unbookedMoney",
        (select coalesce(json_agg(r.items), '[]') from (${released}) r) as released, exists (${siblings}) as "mayHaveSiblings") state
      left join (${ofPayment}) a on true order by a.no`,
  );
}
