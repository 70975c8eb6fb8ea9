import {
  asOrderKey,
  asStoreId,
  asTenantId,
  type HostCharge,
  type HostLine,
  type OrderDetails,
  type OrderKey,
  OrderNotPayable,
  type StoreId,
  type TenantId,
} from '../payment/index.ts';
import { cleanText, cutText, storeIdPattern } from '../runtime/index.ts';
import { OrderUnreadable } from './host-error.ts';
import type { HostStatement } from './host-statement.ts';

/** An order as the host returns it. Decimals stay text, exactly as PostgreSQL sends them. */
export interface HostOrder {
  /** The host's key of the order, in the one spelling that the gateway stores and shows. */
  orderKey: OrderKey;
  tenant: TenantId;
  storeId: StoreId;
  orderNumber: string;
  currency: string;
  total: string;
  paid: string;
  payable: boolean;
  /** Why the order is not payable, in the host's words. Shown to the caller. */
  reason: string | null;
  /** The host's version of the order at the time of the read, passed back as `:order_version`. */
  version: string | null;
  customerName: string | null;
  tableNumber: string | null;
  /** The id that callers use and see, where `orderKey` is another one; null: it is `orderKey`. */
  orderId: string | null;
  orderType: string | null;
  metadata: Record<string, string> | null;
}

/** What payments and events show of the order. */
export const orderDetails = ({ orderId, tableNumber: table, orderType, metadata }: HostOrder): OrderDetails => ({
  orderId,
  table,
  orderType,
  metadata,
});

/** A row with every column as the text that PostgreSQL sends. */
export type TextRow = Readonly<Record<string, string | null>>;

const chargeKinds: ReadonlySet<string> = new Set<HostCharge['kind']>([
  'tax',
  'service_charge',
  'discount',
  'delivery',
  'tip',
  'rounding',
  'other',
]);

/** @throws OrderUnreadable; OrderNotPayable for an outlet code that cannot name a store, which the caller is told */
export function orderOf(row: TextRow, { file }: HostStatement): HostOrder {
  const column = columnReader(row, file);
  const storeId = column('store_id');
  if (!storeIdPattern.test(storeId))
    throw new OrderNotPayable(
      `its outlet code ${JSON.stringify(cutText(storeId, 64))} cannot name a store: store_id of ${file} must be 1 to 64 of A-Z a-z 0-9 _ . -`,
    );
  return {
    orderKey: asOrderKey(column('order_key')),
    tenant: asTenantId(column('tenant')),
    storeId: asStoreId(storeId),
    orderNumber: column('order_number'),
    currency: column('currency'),
    total: column('total'),
    paid: column('paid'),
    payable: row.payable === 't',
    reason: row.reason ?? null,
    version: row.version ?? null,
    customerName: row.customer_name ?? null,
    tableNumber: row.table_number ?? null,
    orderId: row.order_id ?? null,
    orderType: row.order_type ?? null,
    metadata: metadataOf(row.metadata ?? null, file),
  };
}

const maxMetadata = 20;
const maxMetadataLength = 200;

/** The first 20 texts of a JSON object, each cut to 200 characters. @throws OrderUnreadable when it is no JSON object of texts */
function metadataOf(json: string | null, file: string): HostOrder['metadata'] {
  if (json === null) return null;
  const entries = textsIn(json);
  if (!entries) throw new OrderUnreadable(file, 'metadata', 'must be a JSON object whose values are texts');
  const clean = (text: string) => cutText(cleanText(text), maxMetadataLength);
  return Object.fromEntries(entries.slice(0, maxMetadata).map(([name, text]) => [clean(name), clean(text)]));
}

function textsIn(json: string): [string, string][] | null {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const entries = Object.entries(value);
    return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string') ? entries : null;
  } catch {
    return null;
  }
}

/** @throws OrderUnreadable */
export function lineOf(row: TextRow, { file }: HostStatement): HostLine {
  const column = columnReader(row, file);
  return {
    sku: row.sku ?? null,
    name: column('name'),
    quantity: column('quantity'),
    lineTotal: column('line_total'),
    note: row.note ?? null,
  };
}

/** @throws OrderUnreadable */
export function chargeOf(row: TextRow, { file }: HostStatement): HostCharge {
  const column = columnReader(row, file);
  const kind = column('kind');
  if (!isChargeKind(kind))
    throw new OrderUnreadable(file, 'kind', `is ${JSON.stringify(kind)}, but must be one of ${[...chargeKinds].join(', ')}`);
  return { kind, amount: column('amount'), included: column('included') === 't' };
}

const isChargeKind = (kind: string): kind is HostCharge['kind'] => chargeKinds.has(kind);

/** Returns a function that reads a required column. @throws OrderUnreadable */
function columnReader(row: TextRow, file: string) {
  return (name: string): string => {
    const value = row[name];
    if (value === null || value === undefined) throw new OrderUnreadable(file, name, value === null ? 'is null' : 'is not there');
    return value;
  };
}
