import type { Echo } from '../charge.ts';
import { jsonObject } from './xendit-create-body.ts';

/** A valid refund request. The amount is in whole rupiah; null refunds all that is left. */
export interface RefundBody {
  paymentRequestId: string;
  reference: string | null;
  amount: number | null;
  reason: string;
  echo: Echo;
}

/** Why a body is refused: Xendit's error code and a message. */
export interface RefundBodyProblem {
  errorCode: 'API_VALIDATION_ERROR' | 'INVALID_JSON_FORMAT';
  problem: string;
}

const reasons = ['FRAUDULENT', 'DUPLICATE', 'REQUESTED_BY_CUSTOMER', 'CANCELLATION', 'OTHERS'];

/** Parses and validates the body of `POST /refunds`. Source: providers.md 3.9. */
export function readRefundBody(text: string): RefundBody | RefundBodyProblem {
  const body = jsonObject(text);
  if (!body) return { errorCode: 'INVALID_JSON_FORMAT', problem: 'the body is not a JSON object' };
  const { payment_request_id: id, reason, amount, currency, reference_id: reference, metadata } = body;
  const invalid = (problem: string): RefundBodyProblem => ({ errorCode: 'API_VALIDATION_ERROR', problem });
  if (typeof id !== 'string') return invalid('payment_request_id is required');
  if (typeof reason !== 'string' || !reasons.includes(reason)) return invalid(`reason must be one of ${reasons.join(', ')}`);
  if (amount !== undefined && !(Number.isInteger(amount) && Number(amount) >= 1)) return invalid('amount must be a whole number of rupiah');
  if (currency !== undefined && currency !== 'IDR') return invalid('currency must be IDR');
  if (reference !== undefined && (typeof reference !== 'string' || reference.length > 255)) return invalid('reference_id is invalid');
  return {
    paymentRequestId: id,
    reference: reference ?? null,
    amount: amount === undefined ? null : Number(amount),
    reason,
    echo: metadata === undefined ? {} : { metadata },
  };
}
