import { redact } from '@gateway/shared/runtime';

/**
 * The fields of provider messages and of our own records whose text is shown. Every other text is hidden, because providers add fields, and a
 * new one may name a guest. Numbers, truth values and null tell nothing about a person, except where they stand for an id of one.
 */
const shownFields: ReadonlySet<string> = new Set([
  // of Midtrans
  'transaction_id',
  'transaction_status',
  'transaction_time',
  'transaction_type',
  'settlement_time',
  'expiry_time',
  'order_id',
  'gross_amount',
  'currency',
  'payment_type',
  'acquirer',
  'issuer',
  'status_code',
  'status_message',
  'fraud_status',
  'refund_amount',
  'refund_key',
  'refund_chargeback_id',
  'amount',
  // of Xendit
  'id',
  'event',
  'created',
  'updated',
  'reference_id',
  'external_id',
  'qr_id',
  'type',
  'status',
  'channel_code',
  'payment_request_id',
  'payment_id',
  'receipt_id',
  'source',
  'api_version',
  'failure_code',
  'error_code',
  // of our own
  'event_id',
  'occurred_at',
  'host',
  'store_id',
  'order_type',
  'paid_at',
  'expires_at',
  'receipt',
  'reason',
  'policy',
  'cause',
  'refund_id',
  'sku',
  'provider',
  'account',
  'outcome',
  'at',
  'created_at',
  'updated_at',
  'key',
]);

const hidden = '[hidden]';
const deepest = 8;

/** A copy of a value for people: without secrets, and without text that may be about a person. */
export function withoutPersonal(value: unknown, field = '', depth = 0): unknown {
  if (typeof value === 'string') return shownFields.has(field) ? redact(value) : hidden;
  if (Array.isArray(value)) return depth > deepest ? hidden : value.slice(0, 100).map((each) => withoutPersonal(each, field, depth + 1));
  if (typeof value === 'object' && value !== null) {
    if (depth > deepest) return hidden;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [fieldName(name), isAboutPerson(name) ? hidden : withoutPersonal(each, name, depth + 1)]),
    );
  }
  return value;
}

const personal = /customer|payer|payor|buyer|phone|email|address|card|masked|token|secret|password|signature|metadata|note/i;

const isAboutPerson = (name: string): boolean => personal.test(name);

/** The name of a field is text of the sender, too. */
const fieldName = (name: string): string => (/^[\w.-]{1,40}$/.test(name) ? name : hidden);

/** A message as it was received, for people. What is no JSON is hidden. */
export function readableMessage(raw: Buffer): string {
  try {
    return JSON.stringify(withoutPersonal(JSON.parse(raw.toString('utf8'))), null, 2);
  } catch {
    return hidden;
  }
}
