import Big from 'big.js';
import type { HostLine } from './bill.ts';
import { decimal } from './decimal.ts';

/** A dish of `order.paid`. `quantity` is a plain number: 2, 0.75. */
export interface ReleaseItem {
  sku: string | null;
  name: string;
  quantity: number;
  note: string | null;
}

const keyOf = ({ sku, name, note }: Pick<ReleaseItem, 'sku' | 'name'> & { note?: string | null }) =>
  JSON.stringify([sku, name, note ?? null]);

/**
 * The items that a release gives to the kitchen: the lines of the order now, less what earlier releases of the order listed. A dish that
 * was swapped after the QR was made is cooked as it is ordered now, and a reopened order lists only what is new. Pure.
 * @throws OrderNotPayable when a quantity is not a finite decimal
 */
export function itemsToRelease(lines: readonly HostLine[], released: readonly ReleaseItem[]): ReleaseItem[] {
  const cooked = new Map<string, Big>();
  for (const item of released) cooked.set(keyOf(item), (cooked.get(keyOf(item)) ?? new Big(0)).plus(item.quantity));
  const items: ReleaseItem[] = [];
  for (const { sku, name, quantity, note = null } of lines) {
    const key = keyOf({ sku, name, note });
    const ordered = decimal(quantity, 'quantity');
    const already = cooked.get(key) ?? new Big(0);
    const used = already.gt(ordered) ? ordered : already;
    cooked.set(key, already.minus(used));
    const open = ordered.minus(used);
    if (open.gt(0)) items.push({ sku, name, quantity: open.toNumber(), note });
  }
  return items;
}
