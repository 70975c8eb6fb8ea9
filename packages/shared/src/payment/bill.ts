import Big from 'big.js';
import { decimal, sum } from './decimal.ts';
import { AmountOutOfRange, OrderDoesNotReconcile, OrderNotPayable } from './domain-error.ts';
import { qrisCeiling, type Rupiah, rupiah } from './rupiah.ts';

/** One line of a host's order. Decimals are text, exactly as Postgres sends them. */
export interface HostLine {
  sku: string | null;
  name: string;
  quantity: string;
  lineTotal: string;
}

/** What stands beside the lines. `amount` is signed; an `included` charge is already inside the lines: shown, never added. */
export interface HostCharge {
  kind: 'tax' | 'service_charge' | 'discount' | 'delivery' | 'tip' | 'rounding' | 'other';
  amount: string;
  included: boolean;
}

/** How a host counts money: `money` and `reconcile` of its host.yaml. */
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

/** What an order owes now, and what a QR for it would carry. */
export interface AmountDue {
  /** `total - paid`, exact; zero or negative when nothing is owed. */
  due: string;
  /** `due` in whole rupiah: 0 when nothing is owed. */
  amount: Rupiah;
  /** `amount - due`, signed and exact: what rounding added or took. */
  residue: string;
  /** What the host's own row shall say was paid. */
  recordAmount: string;
}

/** An order that may be charged: `amount` is within what QRIS carries, and the parts explain it. Plain JSON: it is stored as it is. */
export interface Bill extends AmountDue {
  /** What the host had received before, exact. The provider's items need it to sum to `amount`. */
  paid: string;
  lines: HostLine[];
  /** Without those of zero. */
  charges: HostCharge[];
}

const roundingModes = { down: 0, half_up: 1, half_even: 2, up: 3 } as const satisfies Record<MoneyPolicy['rounding'], number>;

/**
 * Total and paid → what is owed, rounded once. It judges nothing: under the order's lock money has arrived already, and
 * "nothing is owed any more" is an answer there, not an error.
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

function inWholeRupiah(due: Big, rounding: MoneyPolicy['rounding']): Rupiah {
  if (due.lte(0)) return rupiah(0);
  const whole = due.round(0, roundingModes[rounding]);
  // Past what a number holds exactly the figure stops growing: a billion times above anything payable, it only has to stay "too much".
  return rupiah(whole.gt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(whole.toFixed()));
}

/**
 * From a host's exact decimals to the rupiah we charge, or the reason why not.
 *
 * @throws OrderNotPayable nothing is owed, not in rupiah, a figure that is no finite decimal, more rounding than the host allows
 * @throws AmountOutOfRange QRIS cannot carry it
 * @throws OrderDoesNotReconcile the parts are not the total
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

/** Turns most wrong mappings into an error instead of a wrong charge. Reads every figure, also when there is nothing to compare. */
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
