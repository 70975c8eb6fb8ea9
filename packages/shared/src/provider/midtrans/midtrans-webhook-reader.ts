import { attemptReferencePattern } from '../../runtime/index.ts';
import { isObject, type JsonObject, jsonObject } from '../http-response.ts';
import { type WebhookNotice, type WebhookReader, WebhookRefused, WebhookUnreadable } from '../qris-provider.ts';
import { deliveryKeyOf } from '../webhook-secret.ts';
import { textOf } from '../wire-fields.ts';
import { isSignedBy, type SignedFields } from './midtrans-signature.ts';
import { midtransChargeStatus } from './midtrans-status.ts';

/** The HTTP notifications of Midtrans. Source: Midtrans, "HTTP notification / webhooks", read 2026-11 (docs/providers.md 2.9 to 2.11). */
export const midtransWebhookReader: WebhookReader = {
  read(raw, _headers, account) {
    const body = jsonObject(raw);
    if (!body) throw new WebhookUnreadable('the body is no JSON object');
    const { signature_key: signature } = body;
    const fields = signedFieldsOf(body);
    if (!fields || typeof signature !== 'string' || !isSignedBy(fields, signature, account.webhookSecrets))
      throw new WebhookRefused('signature matches no server key of this account');
    const reference = textOf(fields.order_id);
    const reportedStatus = reportedStatusOf(fields, body);
    return {
      reference,
      // The id in the body is not signed, and Midtrans finds a charge by our reference too. It counts where it is the signed order id:
      // some channels put the transaction id there.
      providerChargeId: fields.order_id === body.transaction_id ? reference : null,
      deliveryKey: deliveryKeyOf([fields.order_id, fields.status_code, fields.gross_amount, reportedStatus, ...refundCounts(body)]),
      reportedStatus,
      unknownEvent: null, // the status text is not signed; the provider's answer shows what happened
      refund: null, // these fields are not signed; the answer to a status lists every refund
    };
  },
};

const webhookCodes = new Set(['200', '201', '202', '407']); // docs/providers.md 2.9; 407 is the code of an expired charge elsewhere
const grossAmount = /^[1-9]\d*\.00$/; // whole rupiah, as Midtrans writes it
const paymentReference = /^[a-z][a-z0-9]{1,9}-[0-9a-z]{26}/; // how every reference of ours begins

/**
 * Accepts strings only: a number would have lost its `.00`, and a list would be joined into a text. The signature covers the three texts
 * joined together, so that the end of one could pass for the beginning of the next. Only the known forms of all three are accepted: then
 * a signed text about a charge of ours can be cut into its fields in one way only.
 */
function signedFieldsOf({ order_id, status_code, gross_amount }: JsonObject): SignedFields | null {
  if (typeof order_id !== 'string' || typeof status_code !== 'string' || typeof gross_amount !== 'string') return null;
  const isValid = isWholeOrderId(order_id) && webhookCodes.has(status_code) && grossAmount.test(gross_amount);
  return isValid ? { order_id, status_code, gross_amount } : null;
}

/** An order id that begins as a reference of ours is one. With the next field's digits at its end, or without its own, it is not. */
const isWholeOrderId = (orderId: string): boolean =>
  orderId !== '' && (!paymentReference.test(orderId) || attemptReferencePattern.test(orderId));

/** A field that is not signed may be anything, also a value nested too deeply for JSON.stringify. */
const statusTextOf = ({ transaction_status: statusText }: JsonObject): string | null =>
  typeof statusText === 'string' ? statusText.toLowerCase() : null;

const maxCounted = 9; // keeps the set of delivery keys small, whatever is sent

/**
 * How many refunds the charge has, and how many of them the wallet has confirmed. Each refund and each confirmation is a webhook of its
 * own with the same signature. The counts are not signed, so they are used up to a limit.
 */
function refundCounts({ refunds }: JsonObject): number[] {
  if (!Array.isArray(refunds)) return [];
  const listed = refunds.filter(isObject);
  const confirmed = listed.filter((refund) => Boolean(refund.bank_confirmed_at));
  return [listed.length, confirmed.length].map((count) => Math.min(count, maxCounted));
}

/** `transaction_status` is not signed and `status_code` is: a status counts only where the two agree. Codes: docs/providers.md 2.9. */
function reportedStatusOf(fields: SignedFields, body: JsonObject): WebhookNotice['reportedStatus'] {
  const statusText = statusTextOf(body);
  const fraud = body.fraud_status;
  if (statusText === null || (fraud !== undefined && typeof fraud !== 'string')) return null;
  const status = midtransChargeStatus({ code: fields.status_code, transactionStatus: statusText, fraudStatus: fraud ?? null });
  switch (status) {
    case 'paid':
      return statusText === 'settlement' ? 'paid' : 'refunded';
    case 'open':
      return statusText === 'pending' && fields.status_code === '201' ? 'open' : null;
    default:
      return fields.status_code === '202' ? status : null;
  }
}
