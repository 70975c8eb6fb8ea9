import Big from 'big.js';
import type { Bill, HostCharge, HostLine } from './bill.ts';
import { decimal, isWhole, roundDown, sum, truncate } from './decimal.ts';
import type { Rupiah } from './rupiah.ts';

/** One item of a charge as a provider lists it. `price` is whole rupiah for one piece. */
export interface BillItem {
  name: string;
  /** Negative for a discount, or for the part that was paid before. */
  price: number;
  quantity: number;
}

const maxNameLength = 50; // Midtrans refuses a charge with a longer name. Source: Midtrans API reference, "item_details" (providers.md 2.2)
const maxItems = 500; // a bound on the size of the request, also when the host's SQL is wrong
const maxPrice = 1_000_000_000_000; // far above any bill; 500 such prices still sum exactly in a double
const shownDecimals = 6; // hosts count no finer; a quantity that came from a division has twenty decimals

/** The name of each kind of order charge on an Indonesian receipt. */
const chargeNames: Readonly<Record<HostCharge['kind'], string>> = {
  tax: 'Pajak',
  service_charge: 'Biaya layanan',
  discount: 'Diskon',
  delivery: 'Ongkos kirim',
  tip: 'Tip',
  rounding: 'Pembulatan',
  other: 'Biaya lain',
};

interface Part {
  name: string;
  total: Big;
  /** Null for a part without a quantity, such as a tax. */
  quantity: Big | null;
}

/**
 * Lists a bill as items whose prices times quantities sum to `bill.amount` exactly, also when the host's figures have fractions.
 *
 * Lines and charges first, then one `Diskon` of everything negative, then `Sudah dibayar`, the part paid before. Items of
 * zero are left out. A bill that cannot be listed becomes one item, `Pesanan`: it has more than 500 items, a price above the limit, or
 * a negative price at a provider that refuses those (`negatives: false`).
 */
export function providerItems(bill: Bill, { negatives = true }: { negatives?: boolean } = {}): BillItem[] {
  const parts = partsOf(bill);
  const shares = wholeShares(
    parts.map(({ total }) => total),
    bill.amount,
  );
  const isListable = shares.every((share) => share.abs().lte(maxPrice) && (negatives || share.gte(0)));
  const items = isListable ? parts.map((part, i) => itemOf(part, Number(shares[i]))).filter(({ price }) => price !== 0) : [];
  const isUsable = bill.lines.length > 0 && items.length > 0 && items.length <= maxItems;
  return isUsable ? items : [{ name: 'Pesanan', price: bill.amount, quantity: 1 }];
}

/** The parts of a bill. They sum to its amount with a difference of less than one rupiah. */
function partsOf(bill: Bill): Part[] {
  const listed = [...bill.lines.map(partOfLine), ...bill.charges.filter(({ included }) => !included).map(partOfCharge)];
  const paid = decimal(bill.paid, 'paid amount');
  // Whole rupiah that no part explains. Only a host with a tolerance, or without reconciliation, has any.
  const unexplained = truncate(paid.plus(bill.amount).minus(sum(listed.map(({ total }) => total))));
  const parts = [...listed, { name: chargeNames.other, total: unexplained, quantity: null }];
  const discount = sum(parts.filter(({ total }) => total.lt(0)).map(({ total }) => total));
  return [
    ...parts.filter(({ total }) => total.gt(0)),
    { name: chargeNames.discount, total: discount, quantity: null },
    { name: 'Sudah dibayar', total: new Big(0).minus(paid), quantity: null },
  ];
}

function partOfLine({ name, sku, quantity, lineTotal }: HostLine): Part {
  return {
    name: cleanName(name) || cleanName(sku ?? '') || 'Barang',
    total: decimal(lineTotal, 'line total'),
    quantity: decimal(quantity, 'quantity of a line'),
  };
}

function partOfCharge({ kind, amount }: HostCharge): Part {
  return { name: chargeNames[kind], total: decimal(amount, `charge ${kind}`), quantity: null };
}

/**
 * The largest-remainder method: floor every part, then give the missing rupiah to those that lost most, one each.
 * The parts are less than one rupiah away from `amount`, so what is missing is never negative and never more than
 * the parts that lost something: a part without a fraction keeps its value.
 */
function wholeShares(totals: readonly Big[], amount: Rupiah): Big[] {
  const floors = totals.map(roundDown);
  const missing = Number(new Big(amount).minus(sum(floors)).toFixed());
  const remainders = totals.map((total, i) => ({ i, fraction: total.minus(floors[i] as Big) }));
  const roundedUp = new Set(
    remainders
      .toSorted((a, b) => b.fraction.cmp(a.fraction))
      .slice(0, missing)
      .map(({ i }) => i),
  );
  return floors.map((share, i) => (roundedUp.has(i) ? share.plus(1) : share));
}

/** Keeps the count where count × price is exact; elsewhere it is one thing with the count in its name. */
function itemOf({ name, total, quantity }: Part, share: number): BillItem {
  if (quantity === null || quantity.eq(1)) return { name: cut(name, maxNameLength), price: share, quantity: 1 };
  if (total.eq(share) && isWhole(quantity) && quantity.gt(0)) {
    const count = Number(quantity.toFixed());
    if (share % count === 0) return { name: cut(name, maxNameLength), price: share / count, quantity: count };
  }
  return { name: withQuantity(name, quantity), price: share, quantity: 1 };
}

/** `Beras merah (0,25x)`. A plain x: a sign outside ASCII would be one more reason for a provider to refuse. */
function withQuantity(name: string, quantity: Big): string {
  const suffix = ` (${quantity.round(shownDecimals).toFixed().replace('.', ',')}x)`;
  const nameLength = maxNameLength - suffix.length;
  return nameLength < suffix.length ? cut(name, maxNameLength) : cut(name, nameLength) + suffix; // a long quantity must not displace the name
}

/** One line of text: line breaks, control characters and halves of a surrogate pair become a space. */
function cleanName(name: string): string {
  return name.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim();
}

/** Whole code points, at most `length` UTF-16 units: right however the provider counts characters. */
function cut(name: string, length: number): string {
  if (name.length <= length) return name.trimEnd();
  let shortened = '';
  for (const character of name) {
    if (shortened.length + character.length > length) break;
    shortened += character;
  }
  return shortened.trimEnd();
}
