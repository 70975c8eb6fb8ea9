import type { Database, Statement } from '../../postgres/index.ts';
import { type Clock, plusMs } from '../../runtime/index.ts';
import { readFigure } from './read-figure.ts';

interface LateApproval extends Record<string, unknown> {
  refundId: string;
  since: Date;
}

const lateMs = 4 * 3_600_000; // within a shift: a guest waits for the money
const namedAtMost = 3; // an answer for people; `refunds list --waiting` has all of them

const oldestWaiting: Statement = {
  name: 'readiness-approvals',
  text: `select refund_id as "refundId", requested_at as since from gateway.refund_approvals
    where decision is null order by requested_at limit ${namedAtMost}`,
};

/** For readiness: one line for each large refund that has waited for a second person for four hours. It is a warning. */
export async function lateApprovals(databases: readonly { db: Database }[], clock: Clock): Promise<string[]> {
  const perDatabase = await Promise.allSettled(databases.map(({ db }) => readFigure<LateApproval>(db, oldestWaiting)));
  const latest = plusMs(clock.now(), -lateMs);
  return perDatabase
    .flatMap((read) => (read.status === 'fulfilled' ? read.value : [])) // the host check reports the database
    .filter(({ since }) => since <= latest)
    .map(
      ({ refundId, since }) => `refund ${refundId} has waited for approval since ${since.toISOString()}: see ops -- refunds list --waiting`,
    );
}
