import type { Attempt, Charge, ChargeRefund, Refund } from '@gateway/shared/payment';

/** One point where the provider's record differs from ours. */
interface Contradiction {
  /** What it is about: each subject is reviewed once. */
  subject: string;
  ours: string;
  theirs: string;
}

export type RecordedAttempt = Pick<Attempt, 'status' | 'paid' | 'receipt'>;
type RecordedRefund = Pick<Refund, 'reference' | 'status' | 'providerRefundId'>;

/** Pure: what differs between our record of a charge and the provider's. */
export function contradictionsOf(
  attempt: RecordedAttempt,
  known: readonly RecordedRefund[],
  { charge, unknownEvent }: { charge: Charge; unknownEvent: string | null },
): Contradiction[] {
  const ofRefunds = charge.refunds.flatMap((refund) => contradictionOfRefund(known, refund) ?? []);
  if (attempt.status !== 'paid') return ofRefunds;
  return [...ofRefunds, ...contradictionsOfMoney(attempt, charge), ...contradictionOfEvent(unknownEvent)];
}

function contradictionOfRefund(known: readonly RecordedRefund[], refund: ChargeRefund): Contradiction | null {
  const { providerRefundId, reference, amount, status } = refund;
  const ours = known.find((each) => isSameRefund(each, refund));
  // A provider may still refuse what it had carried out. One that is pending here is settled by its own job.
  if (ours?.status === 'succeeded' && status === 'failed')
    return { subject: `${providerRefundId} failed`, ours: 'refunded', theirs: `refund of ${amount} failed as ${providerRefundId}` };
  if (status === 'failed' || (ours && ours.status !== 'failed')) return null;
  // One that failed here and was carried out there is not ours: the payer has the money, and our records say that nothing went back.
  const record = ours ? `failed as ${reference}` : 'not requested';
  return { subject: providerRefundId, ours: record, theirs: `refunded ${amount} as ${providerRefundId}` };
}

/** The same reference with another id is another refund, once we know the id of ours. */
function isSameRefund(ours: RecordedRefund, { reference, providerRefundId }: ChargeRefund): boolean {
  if (ours.reference !== reference) return false;
  return ours.status !== 'succeeded' || ours.providerRefundId === null || ours.providerRefundId === providerRefundId;
}

function contradictionsOfMoney({ paid, receipt }: Pick<Attempt, 'paid' | 'receipt'>, charge: Charge): Contradiction[] {
  if (charge.status !== 'paid') return [{ subject: charge.status, ours: 'paid', theirs: charge.status }];
  const isAnotherPayment = receipt !== null && charge.receipt !== null && charge.receipt !== receipt;
  if (!isAnotherPayment && (charge.paidAmount === null || charge.paidAmount === paid)) return [];
  const theirs = `paid ${charge.paidAmount} with receipt ${charge.receipt}`;
  return [{ subject: theirs, ours: `paid ${paid} with receipt ${receipt}`, theirs }];
}

const contradictionOfEvent = (event: string | null): Contradiction[] =>
  event === null ? [] : [{ subject: event, ours: 'paid', theirs: event }];
