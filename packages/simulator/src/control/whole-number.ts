import { z } from 'zod';

/** A whole number in a query. Digits only: `1e2` is no number of rows. */
export const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);
