import { z } from 'zod';
import { parseRupiah } from '../payment/index.ts';
import { cleanLine, isCleanLine } from '../runtime/index.ts';

/**
 * A text that is only stored or passed on, as one clean line of 1 to 200 characters; null for anything else. Every text of a provider
 * passes here, ids too, in answers and in webhooks: a zero byte in the name of an issuer must not keep an order unpaid.
 */
export function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const line = cleanLine(value);
  return line.length > 0 && line.length <= 200 ? line : null;
}

/** `textOf` as a field. */
export const optionalText = z.unknown().optional().transform(textOf);

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

/**
 * The text of a QR without blanks around it, up to the length that a phone still scans. Null for anything else: a control character
 * inside would make another QR than the one that the provider's checksum covers.
 */
export function qrTextOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.trim() : '';
  return text.length > 0 && text.length <= 1024 && isCleanLine(text) ? text : null;
}

/** `qrTextOf` as a field. */
export const qrText = z.unknown().optional().transform(qrTextOf);

/** The ids of one charge: ours, and the provider's when it is known. */
interface ChargeIds {
  reference: string | null;
  providerChargeId: string | null;
}

/**
 * Whether an answer is about the charge that was asked about: any of its ids is in the answer. Some channels put the provider's id where
 * our reference belongs, so only a contradiction of all ids is another charge. An answer that names none of the ids that we know was
 * asked for by our reference, and is about it.
 */
export function isAbout(asked: ChargeIds, answer: ChargeIds): boolean {
  const known = [asked.reference, asked.providerChargeId];
  const stated = [answer.reference, answer.providerChargeId];
  if (stated.some((id) => id !== null && known.includes(id))) return true;
  const namesNoReference = answer.reference === null || answer.reference === answer.providerChargeId;
  return namesNoReference && (asked.providerChargeId === null || answer.providerChargeId === null);
}
