import { redact } from '@gateway/shared/runtime';

/**
 * The fields of our own records whose text is shown. Every other text is hidden, because a record holds what a till or a provider has sent, and a
 * new field may name a guest. Numbers, truth values and null tell nothing about a person, except where they stand for an id of one.
 */
const shownFields: ReadonlySet<string> = new Set([
  'id',
  'reference',
  'reference_id',
  'payment_id',
  'transaction_id',
  'event_id',
  'refund_id',
  'order_id',
  'host',
  'store_id',
  'sku',
  'provider',
  'account',
  'type',
  'order_type',
  'status',
  'status_code',
  'currency',
  'amount',
  'issuer',
  'receipt',
  'step',
  'outcome',
  'cause',
  'reason',
  'policy',
  'key',
  'ours',
  'theirs',
  'at',
  'occurred_at',
  'created_at',
  'updated_at',
  'started_at',
  'answered_at',
  'asked_at',
  'paid_at',
  'expires_at',
  'hidden_at',
  'check_at',
  'checked_at',
  'watch_until',
  'published_at',
  'attempted_at',
  'delivered_at',
  'done_at',
  'next_try_at',
  'opened_at',
  'closed_at',
]);

const hidden = '[hidden]';
const deepest = 8;

/** A copy of a value for people: without secrets, and without text that may be about a person. */
export function withoutPersonal(value: unknown, field = '', depth = 0): unknown {
  if (typeof value === 'string') return shownFields.has(snakeCase(field)) ? redact(value) : hidden;
  if (Array.isArray(value)) return depth > deepest ? hidden : value.slice(0, 100).map((each) => withoutPersonal(each, field, depth + 1));
  if (typeof value === 'object' && value !== null) {
    if (depth > deepest) return hidden;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [fieldName(name), isAboutPerson(name) ? hidden : withoutPersonal(each, name, depth + 1)]),
    );
  }
  return value;
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

const personal = /customer|payer|payor|buyer|phone|email|address|card|masked|token|secret|password|signature|metadata|note/i;

const isAboutPerson = (name: string): boolean => personal.test(name);

/** The name of a field is text of the sender, too. */
const fieldName = (name: string): string => (/^[\w.-]{1,40}$/.test(name) ? name : hidden);
