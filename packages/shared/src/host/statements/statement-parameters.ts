import type { Rupiah } from '../../payment/index.ts';

/** The statements that a host may have; each is the name of a file without `.sql`. */
export const writes = ['created', 'paid', 'expired', 'failed', 'cancelled', 'refunded'] as const;
export const reads = ['order', 'items', 'charges'] as const;
export const statementNames = [...reads, ...writes] as const;
export const requiredStatements = ['order', 'items', 'paid'] as const;
export type HostWriteName = (typeof writes)[number];
export type StatementName = (typeof statementNames)[number];

/** The values that a write statement may use. Amounts are whole rupiah, times are UTC. */
export interface HostWrite extends Partial<Booking> {
  orderKey: string;
  /** `version` as `order.sql` returned it in this transaction. */
  orderVersion: string | null;
  tenant: string;
  storeId: string;
  paymentId: string;
  /** The payment's reference, `{host}-{ulid}`: the same for every attempt. */
  reference: string;
  /** The key that the host returned; null until then. */
  hostPaymentKey: string | null;
  refundId: string | null;
  /** The amount of the charge. */
  amount: Rupiah;
  refundAmount: Rupiah | null;
  /** All refunds of the payment, this one included. */
  refundedTotal: Rupiah | null;
  /** The amount to record, as a decimal: the exact amount due or the amount charged, by `money.record`. */
  recordAmount: string;
  /** Amount charged minus exact amount due, as a decimal. */
  residue: string;
  now: Date;
  paidAt: Date | null;
  expiresAt: Date | null;
}

/** What a software that books the money itself also needs. Absent in the statements that book nothing. */
interface Booking {
  /** Whose app the payer paid with, and the provider's retrieval reference of the transaction. */
  issuer: string | null;
  receipt: string | null;
  /** Who holds the money, and its own id of the charge. */
  provider: string | null;
  providerChargeId: string | null;
  /** The provider's fee; null where the provider does not report it. */
  fee: Rupiah | null;
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

/** Every `:name`, with the type that it is always sent as and the field of its value. */
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
  issuer: { type: 'text', field: 'issuer' },
  receipt: { type: 'text', field: 'receipt' },
  provider: { type: 'text', field: 'provider' },
  provider_charge_id: { type: 'text', field: 'providerChargeId' },
  fee: { type: 'bigint', field: 'fee' },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof parameters;

const bookingParameters: readonly ParameterName[] = ['issuer', 'receipt', 'provider', 'provider_charge_id', 'fee'];
const bookings: readonly StatementName[] = ['paid', 'refunded']; // the statements for a software that books the money
const allWriteParameters = (Object.keys(parameters) as ParameterName[]).filter((name) => name !== 'order_id');
const writeParameters = allWriteParameters.filter((name) => !bookingParameters.includes(name));
const readParameters = { order: ['order_id', 'tenant'], items: ['order_key'], charges: ['order_key'] } as const;

export function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(parameters, name);
}

export const typeOf = (name: ParameterName): Parameter['type'] => parameters[name].type;

/** The parameters that a statement may use. */
export function parametersOf(statement: StatementName): readonly ParameterName[] {
  if (statement in readParameters) return readParameters[statement as keyof typeof readParameters];
  return bookings.includes(statement) ? allWriteParameters : writeParameters;
}

/** The values in the order of `$1`, `$2` …, as text, so that the driver cannot change them. */
export function valuesFor(names: readonly ParameterName[], from: Partial<HostWrite & ReadValues>): (string | null)[] {
  return names.map((name) => textOf(from[parameters[name].field]));
}

function textOf(value: string | number | Date | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Date ? value.toISOString() : String(value);
}
