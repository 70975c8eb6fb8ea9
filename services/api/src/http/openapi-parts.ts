import { z } from 'zod';
import { type ProblemCode, problems } from './problem.ts';

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What to do' }),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    request_id: z.string(),
    reason: z
      .string()
      .optional()
      .meta({ description: "With order_not_payable: the host's own reason; with refund_not_supported: which rule" }),
    refundable_amount: z.int().optional().meta({ description: 'With refund_exceeds_paid: what may still go back in one refund' }),
    retry_at: z.iso
      .datetime()
      .nullish()
      .meta({ description: 'With refund_not_supported: from when the same refund may be asked for; null: never' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const paymentId = z.string().meta({ description: 'pay_…', example: 'pay_01jd0000000000000000000000' });
export const prefer = z
  .string()
  .optional()
  .meta({ description: '`wait=10`: seconds to wait for an answer, 0 to 25; `respond-async` is 0', example: 'wait=10' });
export const idempotencyKey = z
  .string()
  .max(255)
  .optional()
  .meta({ description: 'Your name for this request, kept 72 h: sending it again answers with the same thing in its present state' });
export const byId = z.object({ payment_id: paymentId });
export const byStore = z.object({ store_id: z.string().meta({ example: 'JKT-01' }) });
export const token = z.string().optional().meta({ description: 'A stream token, in place of a key' });
export const bearer = [{ key: [] }];
export const reading = [...bearer, {}]; // or by ?token=

export const json = (description: string, schema: z.ZodType) => ({ description, content: { 'application/json': { schema } } });

/** The answers that say no, by status: every code that may come. */
export function refusals(...codes: ProblemCode[]) {
  const usual: ProblemCode[] = ['unauthenticated', 'forbidden', 'rate_limited', 'internal', 'database_unavailable'];
  const byStatus = Object.groupBy([...codes, ...usual], (code) => String(problems[code][0]));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, some = []]) => [
      status,
      {
        description: some.map((code) => `\`${code}\`: ${problems[code][1]}`).join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
