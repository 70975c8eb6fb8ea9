import Big from 'big.js';
import { OrderNotPayable } from './domain-error.ts';

/** As Postgres writes a numeric: no exponent, no plus sign. The bound keeps a runaway column from holding up the process. */
const decimalText = /^-?\d{1,100}(?:\.\d{1,100})?$/;

/**
 * Reads the exact decimal that a host's column holds.
 *
 * @param what the column, for the caller who must tell the host's keeper
 * @throws OrderNotPayable when it is not a finite decimal: NaN, Infinity, empty, an exponent.
 */
export function decimal(text: string, what: string): Big {
  if (!decimalText.test(text)) throw new OrderNotPayable(`its ${what} is not a finite decimal`);
  return new Big(text);
}

export const sum = (amounts: readonly Big[]): Big => amounts.reduce((total, amount) => total.plus(amount), new Big(0));

/** Towards zero. */
export const truncate = (amount: Big): Big => amount.round(0, 0);

export const isWhole = (amount: Big): boolean => truncate(amount).eq(amount);

/** The greatest whole number that is not above `amount`: for -0.2 it is -1. */
export function roundDown(amount: Big): Big {
  const whole = truncate(amount);
  return whole.gt(amount) ? whole.minus(1) : whole;
}
