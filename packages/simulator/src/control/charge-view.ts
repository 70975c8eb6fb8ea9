import {
  type Charge,
  type ChargeState,
  type NormalisedStatus,
  type NoticeRecord,
  normalisedStatus,
  type Refund,
  stateOf,
} from '../charge.ts';

const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** A charge as the controls show it: whole rupiah, times in UTC of the simulator's clock. */
export function chargeView(charge: Charge, status: NormalisedStatus = normalisedStatus(charge)): object {
  const { payment, refunds } = stateOf(charge);
  return {
    provider: charge.provider,
    reference: charge.reference,
    status,
    amount: charge.amount,
    paid_amount: payment?.amount ?? null,
    paid_at: time(payment?.paidAt ?? null),
    refunds: refunds.map(refundView),
    calls: charge.calls.map((call) => ({ ...call, at: time(call.at) })),
    account: charge.account,
    provider_charge_id: charge.id,
    qr_string: charge.qrString,
    issuer: payment?.issuer ?? null,
    receipt: payment?.receipt ?? null,
    created_at: time(charge.createdAt),
    expires_at: time(charge.expiresAt),
    states: charge.states.map(stateView),
    webhooks: charge.notices.map(noticeView),
  };
}

const noticeView = ({ event, at, result, hasInvalidSignature, attempts }: NoticeRecord): object => ({
  event,
  at: time(at),
  fate: result,
  forged: hasInvalidSignature,
  attempts: attempts.map((attempt) => ({ ...attempt, at: time(attempt.at) })),
});

const refundView = (refund: Refund): object => ({
  reference: refund.reference,
  provider_refund_id: refund.id,
  amount: refund.amount,
  status: refund.status,
  reason: refund.reason,
  failure_code: refund.failureCode,
  created_at: time(refund.createdAt),
  concluded_at: time(refund.concludedAt),
});

const stateView = ({ at, lifecycle, payment, refunds }: ChargeState): object => ({
  at: time(at),
  lifecycle,
  paid_amount: payment?.amount ?? null,
  refunds: refunds.length,
});
