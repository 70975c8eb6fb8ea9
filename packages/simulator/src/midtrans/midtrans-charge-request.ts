import type { Acquirer } from '../emv-qr.ts';

/** A valid charge request. The amount is in whole rupiah. */
export interface ChargeRequest {
  orderId: string;
  grossAmount: number;
  acquirer: Acquirer;
  /** Milliseconds from `orderedAt` to the expiry. */
  lifetimeMs: number;
  /** `custom_expiry.order_time` in real time; null: now. */
  orderedAt: number | null;
  /** `custom_field1` to `3` and `metadata`, which answers and webhooks return. */
  customFields: Record<string, unknown>;
}

/** Why a request is refused: the body's `status_code`, and for 400 the validation messages. */
export interface Refusal {
  code: '400' | '402' | '408' | '413';
  validationMessages?: string[];
}

type Json = Record<string, unknown>;

const maxAmount = 10_000_000; // the highest amount of one QRIS payment, set by Bank Indonesia
const defaultLifetimeMs = 15 * 60_000;
const minLifetimeMs = 20_000; // providers.md 2.13
const maxLifetimeMs = 7 * 86_400_000;
const units: Record<string, number> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const echoedNames = ['custom_field1', 'custom_field2', 'custom_field3', 'metadata'];

/** Parses and validates the body of `POST /v2/charge`. Source: providers.md 2.2, 7. */
export function readChargeRequest(text: string): ChargeRequest | Refusal {
  const body = parseObject(text);
  if (!body) return { code: '413' };
  if (typeof body.payment_type !== 'string') return { code: '400', validationMessages: ['payment_type is required'] };
  if (body.payment_type !== 'qris') return { code: '402' };
  const details = objectAt(body, 'transaction_details');
  if (!details) return { code: '400', validationMessages: ['transaction_details is required'] };
  if (isWrongType(details.gross_amount, 'number') || isWrongType(details.order_id, 'string')) return { code: '408' };
  const qris = objectAt(body, 'qris');
  const problems = [
    ...orderIdProblems(details.order_id),
    ...amountProblems(details.gross_amount),
    ...itemProblems(body.item_details, details.gross_amount),
    ...customerProblems(objectAt(body, 'customer_details')),
    ...acquirerProblems(qris),
    ...expiryProblems(objectAt(body, 'custom_expiry')),
  ];
  if (problems.length > 0) return { code: '400', validationMessages: problems };
  const expiry = objectAt(body, 'custom_expiry');
  return {
    orderId: String(details.order_id),
    grossAmount: Number(details.gross_amount),
    acquirer: (qris?.acquirer as Acquirer | undefined) ?? 'gopay',
    lifetimeMs: expiry ? lifetimeOf(expiry) : defaultLifetimeMs,
    orderedAt: expiry ? orderTime(expiry) : null,
    customFields: Object.fromEntries(echoedNames.filter((name) => body[name] !== undefined).map((name) => [name, body[name]])),
  };
}

function orderIdProblems(orderId: unknown): string[] {
  if (typeof orderId !== 'string' || orderId === '') return ['transaction_details.order_id is required'];
  if (orderId.length > 50) return ['transaction_details.order_id too long'];
  return /^[A-Za-z0-9\-_~.]+$/.test(orderId) ? [] : ['transaction_details.order_id contains illegal characters'];
}

function amountProblems(amount: unknown): string[] {
  if (amount === undefined || amount === null) return ['transaction_details.gross_amount is required'];
  if (typeof amount !== 'number' || amount < 0.01) return ['transaction_details.gross_amount must be greater than or equal to 0.01'];
  if (!Number.isInteger(amount)) return ['transaction_details.gross_amount must be an integer'];
  return amount > maxAmount ? [`transaction_details.gross_amount must be less than or equal to ${maxAmount}`] : [];
}

function itemProblems(items: unknown, grossAmount: unknown): string[] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) return ['item_details must be an array'];
  const problems = items.flatMap((item: unknown, index) =>
    isObject(item) ? oneItemProblems(item, index) : [`item_details[${index}] is invalid`],
  );
  if (problems.length > 0) return problems;
  const sum = (items as Json[]).reduce((total, item) => total + Number(item.price) * Number(item.quantity), 0);
  return sum === grossAmount ? [] : ['transaction_details.gross_amount is not equal to the sum of item_details'];
}

function oneItemProblems(item: Json, index: number): string[] {
  const problems: string[] = [];
  if (typeof item.name !== 'string' || item.name === '') problems.push('item_details Name is required');
  for (const name of ['name', 'id', 'brand', 'category', 'merchant_name', 'url']) {
    if (String(item[name] ?? '').length > 50) problems.push(`item_details ${name === 'name' ? 'Name' : name} too long`);
  }
  if (!Number.isInteger(item.price)) problems.push(`item_details[${index}].price must be an integer`);
  if (!Number.isInteger(item.quantity) || Number(item.quantity) < 1) problems.push(`item_details[${index}].quantity must be at least 1`);
  return problems;
}

function customerProblems(customer: Json | null): string[] {
  return Object.entries(customer ?? {})
    .filter(([, value]) => typeof value === 'string' && value.length > 255)
    .map(([name]) => `customer_details.${name} too long`);
}

function acquirerProblems(qris: Json | null): string[] {
  if (!qris) return [];
  return qris.acquirer === 'gopay' || qris.acquirer === 'airpay shopee' ? [] : ['qris.acquirer must be gopay or airpay shopee'];
}

function expiryProblems(expiry: Json | null): string[] {
  if (!expiry) return [];
  if (expiry.unit !== undefined && units[String(expiry.unit)] === undefined) return ['custom_expiry.unit is invalid'];
  const lifetimeMs = lifetimeOf(expiry);
  if (!(lifetimeMs >= minLifetimeMs && lifetimeMs <= maxLifetimeMs))
    return ['custom_expiry.expiry_duration must be between 20 seconds and 7 days'];
  if (expiry.order_time === undefined) return [];
  const orderedAt = orderTime(expiry);
  if (orderedAt === null) return ['custom_expiry.order_time must be yyyy-MM-dd HH:mm:ss Z'];
  return orderedAt + lifetimeMs > Date.now() ? [] : ['custom_expiry is in the past'];
}

/** `expiry_duration` is a number or a number in a string: Midtrans' documents show both. */
const lifetimeOf = (expiry: Json): number => Number(expiry.expiry_duration) * (units[String(expiry.unit ?? 'minute')] ?? Number.NaN);

function orderTime(expiry: Json): number | null {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2}):?(\d{2})$/.exec(String(expiry.order_time ?? ''));
  if (!match) return null;
  const at = Date.parse(`${match[1]}T${match[2]}${match[3]}:${match[4]}`);
  return Number.isNaN(at) ? null : at;
}

export function parseObject(text: string): Json | null {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectAt = (body: Json, name: string): Json | null => (isObject(body[name]) ? body[name] : null);
const isWrongType = (value: unknown, type: string): boolean => value !== undefined && value !== null && typeof value !== type;
