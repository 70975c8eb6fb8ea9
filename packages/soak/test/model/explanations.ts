import type { DiscrepancyReason } from '@gateway/shared/payment';
import type { Records } from './records.ts';

type Discrepancy = Records['discrepancies'][number];

/** Where a discrepancy about this attempt, or about its payment as a whole, is looked for. */
interface Subject {
  paymentId: string;
  attemptNo: number | null;
}

/** Reasons for which money stays that no order was paid with. */
const keptReasons: readonly DiscrepancyReason[] = ['underpaid', 'host_refused', 'late_money_held', 'refund_failed', 'refund_unconfirmed'];

const isAbout = ({ paymentId, attemptNo }: Subject, discrepancy: Discrepancy): boolean =>
  discrepancy.paymentId === paymentId && (discrepancy.attemptNo ?? attemptNo) === attemptNo;

/** True when an operator must still decide about the attempt. */
export const isUndecided = ({ discrepancies }: Records, subject: Subject): boolean =>
  discrepancies.some((discrepancy) => isAbout(subject, discrepancy) && discrepancy.closedAt === null);

/**
 * True when a discrepancy with one of the reasons is open, or an operator closed it: the audit counts an operator's closing as a
 * recorded ending too. One that the gateway closed says that the records agree again, and explains nothing.
 */
function isExplained({ discrepancies }: Records, subject: Subject, reasons: readonly DiscrepancyReason[]): boolean {
  return discrepancies.some((discrepancy) => {
    const isForReason = reasons.some((reason) => reason === discrepancy.reason);
    return isForReason && isAbout(subject, discrepancy) && discrepancy.closedBy !== 'gateway';
  });
}

/** True when a discrepancy says why money stays that no order was paid with. */
export const isKeptForAReason = (records: Records, subject: Subject): boolean => isExplained(records, subject, keptReasons);

/** True when a discrepancy says that the provider's record of the attempt is another one. */
export const isContradicted = (records: Records, subject: Subject): boolean => isExplained(records, subject, ['provider_contradicts']);
