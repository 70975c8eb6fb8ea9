import type { Database, Statement } from '../../postgres/index.ts';
import { readFigure } from './read-figure.ts';

interface WaitingMoney extends Record<string, unknown> {
  host: string;
  orderNumber: string;
  paymentId: string;
  error: string;
  since: Date;
  /** How many payments wait in all. */
  count: number;
}

const namedAtMost = 3; // an answer for people; `parked list` has all of them

const paidAndNotInHost: Statement = {
  name: 'readiness-waiting-money',
  text: `select p.host, p.order_number as "orderNumber", p.id as "paymentId", w.last_error as error, w.created_at as since, count(*) over () as count
    from gateway.host_writes w join gateway.payments p on p.id = w.payment_id
    where w.done_at is null and w.step = 'paid' order by w.id limit ${namedAtMost}`,
};

/**
 * For readiness: one line for each order that is paid here while its host has not accepted the write, because it could not be read or was
 * locked. The oldest three of each database, and how many more there are. It is a warning: other orders of the host are served.
 */
export async function waitingMoney(databases: readonly { db: Database }[]): Promise<string[]> {
  const perDatabase = await Promise.allSettled(databases.map(({ db }) => readFigure<WaitingMoney>(db, paidAndNotInHost)));
  return perDatabase.flatMap((read) => (read.status === 'fulfilled' ? linesOf(read.value) : [])); // the host check reports the database
}

function linesOf(rows: readonly WaitingMoney[]): string[] {
  const lines = rows.map(
    ({ host, orderNumber, paymentId, error, since }) =>
      `${host}: order ${orderNumber} is paid by ${paymentId}, and since ${since.toISOString()} the host has not recorded it: ${error}`,
  );
  const others = (rows[0]?.count ?? 0) - rows.length;
  return others > 0 ? [...lines, `${others} more payments wait for their host: see ops -- parked list`] : lines;
}
