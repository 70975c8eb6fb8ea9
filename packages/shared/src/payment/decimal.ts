import Big from 'big.js';
import { OrderNotPayable } from './domain-error.ts';

/** A numeric as PostgreSQL writes it: no exponent, no plus sign. The length is bounded, because a long text would block the process. */
const decimalText = /^-?\d{1,100}(?:\.\d{1,100})?$/;

/**
 * Reads the exact decimal that a host's column holds.
 *
 * @param what names the column in the error, for the maintainer of the host
 * @throws OrderNotPayable when the text is not a finite decimal: NaN, Infinity, empty, an exponent
 */
export function decimal(text: string, what: string): Big {
  if (!decimalText.test(text)) throw new OrderNotPayable(`its ${what} is not a finite decimal`);
  return new Big(text);
}

export const sum = (amounts: readonly Big[]): Big => amounts.reduce((total, amount) => total.plus(amount), new Big(0));

/** Rounds towards zero. */
export const truncate = (amount: Big): Big => amount.round(0, 0);

export const isWhole = (amount: Big): boolean => truncate(amount).eq(amount);

/** Rounds towards negative infinity: -0.2 becomes -1. */
export function roundDown(amount: Big): Big {
  const whole = truncate(amount);
  return whole.gt(amount) ? whole.minus(1) : whole;
}
