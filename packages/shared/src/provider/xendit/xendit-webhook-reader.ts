import { isObject, type JsonObject, jsonObject } from '../http-response.ts';
import { type WebhookNotice, type WebhookReader, WebhookRefused, WebhookUnreadable } from '../qris-provider.ts';
import { deliveryKeyOf } from '../webhook-secret.ts';
import { textOf } from '../wire-fields.ts';
import { hasCallbackToken } from './xendit-signature.ts';

/** What each known event states about its charge. Null: it states no status. Any other event is an unknown one. */
const reportedStatuses: Readonly<Record<string, WebhookNotice['reportedStatus']>> = {
  'payment.capture': 'paid',
  'payment.failure': 'failed',
  'payment.authorization': null, // cards only; nothing is captured yet
  'payment.expiry': null, // cards only; an authorization that was never captured
  'payment_request.expiry': 'expired',
  'refund.succeeded': 'refunded',
  'refund.failed': null,
};

/**
 * The webhooks of Xendit, version 3. Source: Xendit, "Payment webhook notification" and "Refund webhook notification", read 2026-11
 * (docs/providers.md 3.8, 3.9).
 */
export const xenditWebhookReader: WebhookReader = {
  read(raw, headers, account) {
    if (!hasCallbackToken(headers, account.webhookSecrets)) throw new WebhookRefused('the callback token is none of this account');
    const body = jsonObject(raw);
    if (!body) throw new WebhookUnreadable('the body is no JSON object');
    const event = fieldOf(body, 'event') ?? 'unknown';
    const subject = subjectOf(body);
    const isAboutRefund = event.startsWith('refund.');
    return {
      reference: isAboutRefund ? fieldOf(objectOf(subject, 'metadata'), 'charge_reference') : fieldOf(subject, 'reference_id'),
      providerChargeId: fieldOf(subject, 'payment_request_id'),
      // The top-level `created` differs for each delivery, so it is no part of the key. A webhook without an id is identified by its bytes.
      deliveryKey: deliveryKeyOf([event, deliveryId(subject, isAboutRefund) ?? raw.toString('latin1')]),
      reportedStatus: isKnown(event) ? (reportedStatuses[event] ?? null) : null,
      unknownEvent: isKnown(event) ? null : event,
      refund: isAboutRefund ? { reference: fieldOf(subject, 'reference_id'), providerRefundId: fieldOf(subject, 'id') } : null,
    };
  },
};

const isKnown = (event: string): boolean => Object.hasOwn(reportedStatuses, event);

/** The object that the webhook is about. A published refund example has it at `data.data`, the schema at `data`. */
function subjectOf(body: JsonObject): JsonObject {
  const data = objectOf(body, 'data');
  const inner = objectOf(data, 'data');
  return Object.keys(inner).length > 0 ? inner : data;
}

function deliveryId(subject: JsonObject, isAboutRefund: boolean): string | null {
  return isAboutRefund
    ? fieldOf(subject, 'id')
    : (fieldOf(subject, 'payment_id') ?? fieldOf(subject, 'payment_request_id') ?? fieldOf(subject, 'id'));
}

const objectOf = (object: JsonObject, field: string): JsonObject => {
  const value = Object.hasOwn(object, field) ? object[field] : null;
  return isObject(value) ? value : {};
};

/** The text of a field, cleaned; null for anything else, because no reference or id looks like that. */
const fieldOf = (object: JsonObject, field: string): string | null => (Object.hasOwn(object, field) ? textOf(object[field]) : null);
