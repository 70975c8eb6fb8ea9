import { type Payment, type Refund, refundCauses, refundDecisions, refundFailures, refundStatuses } from '@gateway/shared/payment';
import { z } from 'zod';

const time = z.iso.datetime().meta({ description: 'UTC' });

/** A refund as callers see it. No field names a provider. */
export const refundSchema = z
  .object({
    refund_id: z.string().meta({ example: 'ref_01jd0000000000000000000000' }),
    payment_id: z.string().meta({ example: 'pay_01jd0000000000000000000000' }),
    transaction_id: z
      .string()
      .meta({ description: 'The reference of the charge that the money came from', example: 'pos-01jd0000000000000000000000-1' }),
    amount: z.int().meta({ description: 'Whole rupiah', example: 5_000 }),
    currency: z.literal('IDR'),
    status: z.enum(refundStatuses).meta({ description: '`pending` until the provider confirms it: seconds for a wallet, days for a bank' }),
    cause: z
      .enum(refundCauses)
      .meta({ description: '`client`: requested with a key. `duplicate`, `late`: opened by the gateway for a duplicate or late payment' }),
    reason: z.string().meta({ example: 'the soup was cold' }),
    failure: z.enum(refundFailures).nullable().meta({ description: 'Why it failed; the money may be refunded again' }),
    approval: z
      .object({
        decision: z.enum(refundDecisions).nullable().meta({ description: '`null`: it waits, and nothing has reached the provider' }),
        decided_at: time.nullable(),
      })
      .optional()
      .meta({
        description:
          'Present when the refund is so large, or the refunds of the payment together are, that a second person must approve it. It stays `pending` until then',
      }),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Refund' });

export const refundsSchema = z.object({ refunds: z.array(refundSchema) });

export function refundView({ id, attemptNo, ...refund }: Refund, { id: paymentId, reference }: Payment): z.output<typeof refundSchema> {
  const { amount, status, cause, reason, failure, approval, createdAt, updatedAt } = refund;
  return {
    refund_id: id,
    payment_id: paymentId,
    transaction_id: `${reference}-${attemptNo}`,
    amount,
    currency: 'IDR',
    status,
    cause,
    reason,
    failure,
    ...(approval ? { approval: { decision: approval.decision, decided_at: isoOf(approval.decidedAt) } } : {}),
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  };
}

const isoOf = (time: string | null): string | null => time && new Date(time).toISOString();
