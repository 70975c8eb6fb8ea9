import { z } from 'zod';

const seq = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number, 0 or more')
  .transform(Number);

const maxLimit = 1_000;

/** The query of `GET /stores/{store_id}/events`. */
export const eventQuery = z.object({
  after: seq
    .optional()
    .meta({ description: 'The last `seq` you have: the events after it are returned. Default: from the oldest stored event.' }),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, `must be 1 to ${maxLimit}`)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= maxLimit, `must be 1 to ${maxLimit}`)
    .default(100)
    .meta({ description: 'JSON only: the largest number of events, 1 to 1000. Default 100' }),
});
