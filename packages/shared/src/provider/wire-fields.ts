import { z } from 'zod';
import { parseRupiah } from '../payment/index.ts';

/** A text that we only pass on: of another type than agreed, empty or endless, it is as good as absent. */
export const optionalText = z.string().min(1).max(255).nullish().catch(null);

const maxAmount = 1_000_000_000_000; // a hundred thousand times what QRIS carries: sums stay exact below it

/** An amount that we rely on, as a number or as text: whole rupiah, or the answer is unreadable. */
export const wholeRupiah = z.unknown().transform((text, context) => {
  const amount = parseRupiah(text);
  if (amount !== null && amount <= maxAmount) return amount;
  context.addIssue({ code: 'custom', message: 'no amount of whole rupiah' });
  return z.NEVER;
});

/** A time that may be missing; what is not a time in this provider's writing is missing too. */
export const timestampAs = (parse: (text: unknown) => Date | null) => z.unknown().optional().transform(parse);

/** A QR's text: at most what a QR code can hold in one piece that a phone still reads. */
export const qrText = z.string().min(1).max(1024);
