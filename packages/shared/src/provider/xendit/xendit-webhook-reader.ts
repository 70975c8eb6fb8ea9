import { isObject, type JsonObject, jsonObject } from '../http-response.ts';
import { type WebhookNotice, type WebhookReader, WebhookRefused, WebhookUnreadable } from '../qris-provider.ts';
import { deliveryKeyOf } from '../webhook-secret.ts';
import { hasCallbackToken } from './xendit-signature.ts';

const reportedStatuses: Readonly<Record<string, WebhookNotice['reportedStatus']>> = {
  'payment.capture': 'paid',
  'payment.failure': 'failed',
  'payment_request.expiry': 'expired',
  'refund.succeeded': 'refunded',
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
    const event = textOf(body, 'event') ?? 'unknown';
    const subject = subjectOf(body);
    const isAboutRefund = event.startsWith('refund.');
    return {
      reference: isAboutRefund ? textOf(objectOf(subject, 'metadata'), 'charge_reference') : textOf(subject, 'reference_id'),
      providerChargeId: textOf(subject, 'payment_request_id'),
      // The top-level `created` differs for each delivery, so it is no part of the key. A webhook without an id is identified by its bytes.
      deliveryKey: deliveryKeyOf([event, deliveryId(subject, isAboutRefund) ?? raw.toString('latin1')]),
      reportedStatus: Object.hasOwn(reportedStatuses, event) ? (reportedStatuses[event] ?? null) : null,
      refund: isAboutRefund ? { reference: textOf(subject, 'reference_id'), providerRefundId: textOf(subject, 'id') } : null,
    };
  },
};

/** The object that the webhook is about. A published refund example has it at `data.data`, the schema at `data`. */
function subjectOf(body: JsonObject): JsonObject {
  const data = objectOf(body, 'data');
  const inner = objectOf(data, 'data');
  return Object.keys(inner).length > 0 ? inner : data;
}

function deliveryId(subject: JsonObject, isAboutRefund: boolean): string | null {
  return isAboutRefund
    ? textOf(subject, 'id')
    : (textOf(subject, 'payment_id') ?? textOf(subject, 'payment_request_id') ?? textOf(subject, 'id'));
}

const objectOf = (object: JsonObject, field: string): JsonObject => {
  const value = Object.hasOwn(object, field) ? object[field] : null;
  return isObject(value) ? value : {};
};

/** A text of 1 to 255 characters; null for anything else, because no reference or id looks like that. */
const textOf = (object: JsonObject, field: string): string | null => {
  const value = Object.hasOwn(object, field) ? object[field] : null;
  return typeof value === 'string' && value.length > 0 && value.length <= 255 ? value : null;
};
