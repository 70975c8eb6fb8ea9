import { z } from 'zod';
import { parseRupiah } from '../payment/index.ts';

/** A text of 1 to 255 characters that is only passed on. Anything else counts as absent. */
export const optionalText = z.string().min(1).max(255).nullish().catch(null);

const maxAmount = 1_000_000_000_000; // rupiah: a hundred thousand times the limit of QRIS, and small enough for exact sums

/** An amount that decisions depend on, as a number or as text. If it is not whole rupiah, the answer is unreadable. */
export const wholeRupiah = z.unknown().transform((text, context) => {
  const amount = parseRupiah(text);
  if (amount !== null && amount <= maxAmount) return amount;
  context.addIssue({ code: 'custom', message: 'not a whole rupiah amount' });
  return z.NEVER;
});

/** An optional time. A value that is not in this provider's format counts as absent. */
export const timestampAs = (parse: (text: unknown) => Date | null) => z.unknown().optional().transform(parse);

/** The text of a QR, up to the length that a phone still scans. */
export const qrText = z.string().min(1).max(1024);
