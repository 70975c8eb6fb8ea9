declare const rupiahBrand: unique symbol;

/** Whole rupiah, zero or more. A number is exact here: QRIS stops at ten million, JavaScript at nine quadrillion. */
export type Rupiah = number & { readonly [rupiahBrand]: true };

/** QRIS carries at most this much in one payment. Source: PADG 24/1/2022, read 2026-11 (providers.md 5). */
export const qrisCeiling = rupiah(10_000_000);

/** @throws RangeError when `amount` is not a whole number from 0 to 2^53 - 1. */
export function rupiah(amount: number): Rupiah {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`${amount} is not a whole rupiah amount`);
  return amount as Rupiah;
}

/**
 * Reads an amount as a provider or a database writes it: `150000`, `"150000"`, `"150000.00"`.
 * Null when it is anything else, has a fraction of a rupiah, or is negative.
 */
export function parseRupiah(text: unknown): Rupiah | null {
  if (typeof text !== 'string' && typeof text !== 'number') return null;
  const match = /^(\d{1,15})(?:\.0+)?$/.exec(String(text));
  return match ? rupiah(Number(match[1])) : null;
}

export function addRupiah(...amounts: Rupiah[]): Rupiah {
  return rupiah(amounts.reduce((sum, amount) => sum + amount, 0));
}

/** `Rp55.000`, as a receipt shows it. */
export function formatRupiah(amount: Rupiah): string {
  return `Rp${String(amount).replace(/\B(?=(\d{3})+$)/g, '.')}`;
}
