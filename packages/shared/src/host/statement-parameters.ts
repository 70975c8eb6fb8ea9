import type { Rupiah } from '../payment/index.ts';

/** The statements a host may have, by the name of their file. */
export const writes = ['created', 'paid', 'expired', 'failed', 'cancelled', 'refunded'] as const;
export const reads = ['order', 'items', 'charges'] as const;
export const statementNames = [...reads, ...writes] as const;
export const requiredStatements = ['order', 'items', 'paid'] as const;
export type HostWriteName = (typeof writes)[number];
export type StatementName = (typeof statementNames)[number];

/** What a host's statement may be told when something happened to a payment. Amounts are whole rupiah. */
export interface HostWrite {
  orderKey: string;
  /** As `order.sql` returned it in this transaction. */
  orderVersion: string | null;
  tenant: string;
  storeId: string;
  paymentId: string;
  /** The payment's, `{host}-{ulid}`: the same before the first attempt and for every attempt. */
  reference: string;
  /** Null until the host returned it. */
  hostPaymentKey: string | null;
  refundId: string | null;
  /** Charged. */
  amount: Rupiah;
  refundAmount: Rupiah | null;
  /** This refund included. */
  refundedTotal: Rupiah | null;
  /** Exact, by the host's `money.record`. */
  recordAmount: string;
  residue: string;
  now: Date;
  paidAt: Date | null;
  expiresAt: Date | null;
}

interface ReadValues {
  orderId: string;
  orderKey: string;
  tenant: string;
}

interface Parameter {
  type: 'text' | 'bigint' | 'numeric' | 'timestamptz';
  field: keyof HostWrite | keyof ReadValues;
}

/** Every `:name`, the type it is always sent as, and where its value comes from. */
const parameters = {
  order_id: { type: 'text', field: 'orderId' },
  order_key: { type: 'text', field: 'orderKey' },
  order_version: { type: 'text', field: 'orderVersion' },
  tenant: { type: 'text', field: 'tenant' },
  store_id: { type: 'text', field: 'storeId' },
  payment_id: { type: 'text', field: 'paymentId' },
  reference: { type: 'text', field: 'reference' },
  host_payment_key: { type: 'text', field: 'hostPaymentKey' },
  refund_id: { type: 'text', field: 'refundId' },
  amount: { type: 'bigint', field: 'amount' },
  refund_amount: { type: 'bigint', field: 'refundAmount' },
  refunded_total: { type: 'bigint', field: 'refundedTotal' },
  record_amount: { type: 'numeric', field: 'recordAmount' },
  residue: { type: 'numeric', field: 'residue' },
  now: { type: 'timestamptz', field: 'now' },
  paid_at: { type: 'timestamptz', field: 'paidAt' },
  expires_at: { type: 'timestamptz', field: 'expiresAt' },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof parameters;

const writeParameters = (Object.keys(parameters) as ParameterName[]).filter((name) => name !== 'order_id');
const readParameters = { order: ['order_id', 'tenant'], items: ['order_key'], charges: ['order_key'] } as const;

export function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(parameters, name);
}

export const typeOf = (name: ParameterName): Parameter['type'] => parameters[name].type;

/** What a statement may use. */
export function parametersOf(statement: StatementName): readonly ParameterName[] {
  return statement in readParameters ? readParameters[statement as keyof typeof readParameters] : writeParameters;
}

/** The values in the order of `$1`, `$2` …, as text, so that nothing between here and Postgres can change them. */
export function valuesFor(names: readonly ParameterName[], from: Partial<HostWrite & ReadValues>): (string | null)[] {
  return names.map((name) => textOf(from[parameters[name].field]));
}

function textOf(value: string | number | Date | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}
