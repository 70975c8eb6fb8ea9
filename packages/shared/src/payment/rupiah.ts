declare const rupiahBrand: unique symbol;

/** Whole rupiah, zero or more. A number holds them exactly: QRIS ends at ten million, exact integers at nine quadrillion. */
export type Rupiah = number & { readonly [rupiahBrand]: true };

/** The highest amount of one QRIS payment. Source: PADG 24/1/2022, read 2026-11 (docs/providers.md 5). */
export const qrisCeiling = rupiah(10_000_000);

/** @throws RangeError when `amount` is not a whole number from 0 to 2^53 - 1. */
export function rupiah(amount: number): Rupiah {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`${amount} is not a whole rupiah amount`);
  return amount as Rupiah;
}

/**
 * Reads an amount as a provider or a database writes it: `150000`, `"150000"`, `"150000.00"`. Null for anything else, for a fraction
 * of a rupiah, and for a negative amount.
 */
export function parseRupiah(text: unknown): Rupiah | null {
  if (typeof text !== 'string' && typeof text !== 'number') return null;
  const match = /^(\d{1,15})(?:\.0+)?$/.exec(String(text));
  return match ? rupiah(Number(match[1])) : null;
}

export function addRupiah(...amounts: Rupiah[]): Rupiah {
  return rupiah(amounts.reduce((sum, amount) => sum + amount, 0));
}

/** The amount as a receipt shows it: `Rp55.000`. */
export function formatRupiah(amount: Rupiah): string {
  return `Rp${String(amount).replace(/\B(?=(?:\d{3}){1,5}$)/g, '.')}`;
}
