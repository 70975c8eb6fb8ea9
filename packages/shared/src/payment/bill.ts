import Big from 'big.js';
import { decimal, sum } from './decimal.ts';
import { AmountOutOfRange, OrderDoesNotReconcile, OrderNotPayable } from './domain-error.ts';
import type { OrderDetails } from './order-details.ts';
import { qrisCeiling, type Rupiah, rupiah } from './rupiah.ts';

/** One line of a host's order. Decimals are text, exactly as PostgreSQL sends them. */
export interface HostLine {
  sku: string | null;
  name: string;
  quantity: string;
  lineTotal: string;
  /** For the kitchen: `tidak pedas`. */
  note?: string | null;
}

/** An order charge: a tax, fee or discount beside the lines. `amount` is signed. An `included` charge is part of the line totals already: it is shown and never added. */
export interface HostCharge {
  kind: 'tax' | 'service_charge' | 'discount' | 'delivery' | 'tip' | 'rounding' | 'other';
  amount: string;
  included: boolean;
}

/** How a host counts money: `money` and `reconcile` of its `host.yaml`. */
export interface MoneyPolicy {
  rounding: 'half_up' | 'half_even' | 'up' | 'down';
  record: 'host_due' | 'charged';
  maxResidue: string;
  /** Null: lines and charges are not compared with the total. */
  tolerance: string | null;
}

export interface HostOrderMoney {
  currency: string;
  total: string;
  paid: string;
  lines: HostLine[];
  charges: HostCharge[];
}

/** The amount due on an order, and the amount that a QR for it carries. */
export interface AmountDue {
  /** `total - paid`, exact. Zero or negative: nothing is due. */
  due: string;
  /** `due` in whole rupiah; 0 when nothing is due. */
  amount: Rupiah;
  /** `amount - due`, signed and exact: what rounding added or removed. */
  residue: string;
  /** The amount that the host's own payment row records. */
  recordAmount: string;
}

/** An order that may be charged: QRIS can carry `amount`, and the parts add up to it. Plain JSON, because it is stored as it is. */
export interface Bill extends AmountDue {
  /** What the host had received before, exact. The provider's items include it, so that they sum to `amount`. */
  paid: string;
  lines: HostLine[];
  /** Without charges of zero. */
  charges: HostCharge[];
  /** Absent when the host gives none, and in bills of earlier versions. */
  details?: OrderDetails;
}

const roundingModes = { down: 0, half_up: 1, half_even: 2, up: 3 } as const satisfies Record<MoneyPolicy['rounding'], number>;

/**
 * Subtracts `paid` from `total` and rounds once. A due of zero or less is a result here and not an error, because the money that is
 * judged with it has arrived already.
 *
 * @throws OrderNotPayable only when `total` or `paid` is not a finite decimal.
 */
export function amountDue(total: string, paid: string, policy: Pick<MoneyPolicy, 'rounding' | 'record'>): AmountDue {
  const due = decimal(total, 'total').minus(decimal(paid, 'paid amount'));
  const amount = inWholeRupiah(due, policy.rounding);
  return {
    due: due.toFixed(),
    amount,
    residue: new Big(amount).minus(due).toFixed(),
    recordAmount: policy.record === 'host_due' ? due.toFixed() : String(amount),
  };
}

/**
 * The amount due now, in whole rupiah. While the exact amount due is the bill's, it is rounded as the bill was: a `money.rounding` that
 * was changed in `host.yaml` does not make a QR wrong that was made before.
 * @throws OrderNotPayable when `total` or `paid` is not a finite decimal
 */
export function amountDueNow(
  { total, paid }: Pick<HostOrderMoney, 'total' | 'paid'>,
  bill: Pick<Bill, 'due' | 'amount'>,
  policy: Pick<MoneyPolicy, 'rounding' | 'record'>,
): Rupiah {
  const now = amountDue(total, paid, policy);
  return now.due === bill.due ? bill.amount : now.amount;
}

/**
 * True when the host has received more money for the order than when the bill was made: cash, or another payment.
 * @throws OrderNotPayable when `paid` is not a finite decimal
 */
export const isPaidElsewhere = (paid: string, bill: Pick<Bill, 'paid'>): boolean => decimal(paid, 'paid amount').gt(bill.paid);

function inWholeRupiah(due: Big, rounding: MoneyPolicy['rounding']): Rupiah {
  if (due.lte(0)) return rupiah(0);
  const whole = due.round(0, roundingModes[rounding]);
  // A larger figure cannot be held exactly. It only has to stay above the QRIS limit, which is 900 million times smaller.
  return rupiah(whole.gt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(whole.toFixed()));
}

/**
 * Turns a host's exact decimals into the bill that is charged in whole rupiah.
 *
 * @throws OrderNotPayable nothing is due, the currency is not IDR, a figure is not a finite decimal, or rounding exceeds the host's limit
 * @throws AmountOutOfRange QRIS cannot carry the amount
 * @throws OrderDoesNotReconcile lines and charges do not add up to the total
 */
export function makeBill(order: HostOrderMoney, policy: MoneyPolicy): Bill {
  if (order.currency !== 'IDR') throw new OrderNotPayable(`its currency is ${order.currency}, and QRIS is paid in IDR`);
  const due = amountDue(order.total, order.paid, policy);
  requirePayable(due, policy);
  reconcile(order, policy.tolerance);
  const charges = order.charges.filter(({ amount }) => !new Big(amount).eq(0));
  return { ...due, paid: new Big(order.paid).toFixed(), lines: order.lines, charges };
}

function requirePayable({ due, amount, residue }: AmountDue, policy: MoneyPolicy): void {
  if (new Big(due).lte(0)) throw new OrderNotPayable('the amount due is zero');
  if (amount < 1 || amount > qrisCeiling) throw new AmountOutOfRange(due, qrisCeiling);
  if (new Big(residue).abs().gt(policy.maxResidue)) {
    throw new OrderNotPayable(`rounding ${due} to whole rupiah changes it by more than the ${policy.maxResidue} that its host allows`);
  }
}

/** Finds most mistakes in a host's SQL before they become a wrong charge. Every figure is read, also when the host compares nothing. */
function reconcile({ total, lines, charges }: HostOrderMoney, tolerance: string | null): void {
  for (const { quantity } of lines) decimal(quantity, 'quantity of a line');
  const linesTotal = sum(lines.map(({ lineTotal }) => decimal(lineTotal, 'line total')));
  const amounts = charges.map(({ kind, amount, included }) => ({ included, amount: decimal(amount, `charge ${kind}`) }));
  if (tolerance === null) return;
  const added = sum(amounts.filter(({ included }) => !included).map(({ amount }) => amount));
  const difference = linesTotal.plus(added).minus(total);
  if (difference.abs().lte(tolerance)) return;
  throw new OrderDoesNotReconcile({
    total,
    lineCount: lines.length,
    linesTotal: linesTotal.toFixed(),
    charges,
    difference: difference.toFixed(),
    tolerance,
  });
}
