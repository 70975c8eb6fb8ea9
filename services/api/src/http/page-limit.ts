import { z } from 'zod';

const range = 'must be a whole number, 1 to 200';

/** How many rows a page of a list has: the query parameter `limit`, 50 when it is absent. */
export const pageLimit = z
  .string()
  .regex(/^\d{1,3}$/, range)
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= 200, range)
  .default(50);
