import type { clients } from '@gateway/shared/store';
import { z } from 'zod';
import { type ProblemCode, problems } from '../http/problem-codes.ts';

const problemSchema = z
  .object({
    type: z.url().meta({ description: 'A page that explains the error code', example: 'https://pay.example.id/problems/order_busy' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What to do' }),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    request_id: z.string(),
    reason: z
      .string()
      .optional()
      .meta({ description: "With order_not_payable: the host's own reason. With refund_not_supported: the rule that forbids it" }),
    refundable_amount: z
      .int()
      .optional()
      .meta({ description: 'With refund_exceeds_paid: the largest amount that can still be refunded at once' }),
    due: z.int().optional().meta({ description: 'With tender_exceeds_due: what the order owes' }),
    lines_total: z.int().optional().meta({ description: 'With order_does_not_reconcile, of an order by API' }),
    charges_total: z.int().optional(),
    total: z.int().optional(),
    retry_at: z.iso
      .datetime()
      .nullish()
      .meta({ description: 'With refund_not_supported: when the same refund may be requested again; null: never' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const paymentId = z.string().meta({ description: 'pay_…', example: 'pay_01jd0000000000000000000000' });
export const prefer = z
  .string()
  .optional()
  .meta({ description: '`wait=10`: seconds to wait for an answer, 0 to 25; `respond-async` is 0', example: 'wait=10' });
export const idempotencyKey = z.string().max(255).optional().meta({
  description:
    'Your name for this request, stored for 72 h: the same request with the same key returns the same object in its current state',
});
export const byId = z.object({ payment_id: paymentId });
export const byStore = z.object({ store_id: z.string().meta({ example: 'JKT-01' }) });
export const token = z.string().optional().meta({ description: 'A stream token, in place of a key' });
/** A key with one of these scopes. */
export const bearer = (...scopes: clients.Scope[]) => scopes.map((scope) => ({ key: [scope] }));
export const readerSecurity = [...bearer('events'), {}]; // a key, or a stream token in ?token=

export const json = (description: string, schema: z.ZodType) => ({ description, content: { 'application/json': { schema } } });

const retryAfter = {
  'Retry-After': { description: 'Seconds to wait before trying again', schema: { type: 'integer' as const, minimum: 1 } },
};

const problemExample = (code: ProblemCode) => ({
  type: `https://pay.example.id/problems/${code}`,
  title: problems[code].title,
  status: problems[code].status,
  detail: problems[code].action,
  code,
  request_id: 'req_01jd0000000000000000000000',
});

/** The codes that every operation may send: a path with a control character is `validation_failed`. */
const commonCodes: readonly ProblemCode[] = [
  'validation_failed',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'internal',
  'host_unavailable',
  'database_unavailable',
];

/** The error answers of an operation, by status, with every code that it may send. */
export function errorResponses(...codes: ProblemCode[]) {
  const byStatus = Object.groupBy(new Set([...codes, ...commonCodes]), (code) => String(problems[code].status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codesOfStatus = []]) => [
      status,
      {
        description: codesOfStatus.map((code) => `\`${code}\`: ${problems[code].title}`).join('; '),
        content: {
          'application/problem+json': {
            schema: problemSchema,
            examples: Object.fromEntries(codesOfStatus.map((code) => [code, { value: problemExample(code) }])),
          },
        },
        ...(status === '429' || status === '503' ? { headers: retryAfter } : {}),
      },
    ]),
  );
}
