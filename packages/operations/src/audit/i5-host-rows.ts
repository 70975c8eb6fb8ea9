import { bookOf, type Host } from '@gateway/shared/host';
import { inTransaction } from '@gateway/shared/postgres';
import type { Finding } from './finding.ts';
import type { Page } from './rule.ts';

interface OurPayment {
  id: string;
  reference: string;
  isAccepted: boolean;
  /** Wholly refunded: the host may undo its row or keep it. */
  isRefunded: boolean;
  /** A host write is deferred, or a discrepancy is open or was closed by an operator. */
  isExplained: boolean;
}

const ofPage = (table: string) => `${table}.payment_id > $2 and ${table}.payment_id <= $3`; // one range of an index

const payments = `select p.id, p.reference, p.status = 'refunded' as "isRefunded",
    exists (select from gateway.attempts a where a.payment_id = p.id and a.accepted and ${ofPage('a')}) as "isAccepted",
    exists (select from gateway.host_writes w where w.payment_id = p.id and w.done_at is null and ${ofPage('w')})
      or exists (select from gateway.discrepancies d where d.payment_id = p.id and (d.closed_at is null or d.closed_by <> 'gateway') and ${ofPage('d')}) as "isExplained"
  from gateway.payments p where p.host = $1 and p.id > $2 and p.id <= $3 order by p.id`;

/**
 * Compares our payments with the host's own payment rows, if the host folder has a query for them (`reference/book.sql`). A row is
 * paid there if and only if the payment was accepted here.
 */
export async function auditHostRows({ id, db, folder, orders }: Host, { after, upto }: Page): Promise<Finding[]> {
  const book = bookOf(folder);
  if (book === null) return [];
  const { rows: ours } = await db.pool.query<OurPayment>(payments, [id, after, upto]);
  const references = ours.map(({ reference }) => reference);
  const { rows: theirs } = await inTransaction(db, async (trx) => {
    await trx.query(orders.sessionStatement('')); // the host's time zone and search path, as in every statement of the host
    return trx.query<{ reference: string; paid: boolean }>({ text: book, values: [references] });
  });
  const paidInHost = new Set(theirs.filter(({ paid }) => paid).map(({ reference }) => reference));
  return ours.flatMap((payment) => (payment.isExplained ? [] : compareRow(payment, paidInHost.has(payment.reference))));
}

function compareRow({ id, isAccepted, isRefunded }: OurPayment, isPaidInHost: boolean): Finding[] {
  const finding = { invariant: 'I5', about: id, state: 'broken' } as const;
  if (isPaidInHost && !isAccepted) return [{ ...finding, rule: 'paid_in_host_only', ours: 'not accepted', theirs: 'paid' }];
  if (isAccepted && !isPaidInHost && !isRefunded)
    return [{ ...finding, rule: 'row_not_paid_in_host', ours: 'accepted', theirs: 'not paid' }];
  return [];
}
