import { z } from 'zod';

const seq = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number, 0 or more')
  .transform(Number);

const mostAtOnce = 1_000;

/** What `GET /stores/{store_id}/events` may be asked. */
export const eventQuery = z.object({
  after: seq.optional().meta({ description: 'The `seq` you have: what follows it is read. Without it, from the oldest that is kept.' }),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, `must be 1 to ${mostAtOnce}`)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= mostAtOnce, `must be 1 to ${mostAtOnce}`)
    .default(100)
    .meta({ description: 'JSON only: how many at most, 1 to 1000; 100 when not said' }),
});
