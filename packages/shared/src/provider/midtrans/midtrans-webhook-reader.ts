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
    return {
      reference,
      // The id in the body is not signed, and Midtrans finds a charge by our reference too. It counts where it is the signed order id:
      // some channels put the transaction id there.
      providerChargeId: fields.order_id === body.transaction_id ? reference : null,
      deliveryKey: deliveryKeyOf([
        fields.order_id,
        fields.status_code,
        scalarOf(body.transaction_id),
        statusTextOf(body),
        ...refundKeys(body),
      ]),
      reportedStatus: reportedStatusOf(fields, body),
      unknownEvent: null, // the status text is not signed; the provider's answer shows what happened
      refund: null, // these fields are not signed; the answer to a status lists every refund
    };
  },
};

/**
 * Accepts strings only: a number would have lost its `.00`, and a list would be joined into a text. Accepts only their known forms:
 * the signature covers the three texts joined together, so that the end of one could pass for the beginning of the next.
 */
function signedFieldsOf({ order_id, status_code, gross_amount }: JsonObject): SignedFields | null {
  if (typeof order_id !== 'string' || typeof status_code !== 'string' || typeof gross_amount !== 'string') return null;
  const isValid = order_id !== '' && /^\d{3}$/.test(status_code) && /^\d+(\.\d+)?$/.test(gross_amount);
  return isValid ? { order_id, status_code, gross_amount } : null;
}

/** A field that is not signed may be anything, also a value nested too deeply for JSON.stringify: only a text or a number counts. */
const scalarOf = (value: unknown): string | null => (typeof value === 'string' || typeof value === 'number' ? String(value) : null);

const statusTextOf = ({ transaction_status: statusText }: JsonObject): string | null =>
  typeof statusText === 'string' ? statusText.toLowerCase() : null;

/**
 * Each refund and whether the wallet has confirmed it. A confirmation is a webhook of its own, also that of an older refund, and the
 * signature is the same for all of them.
 */
function refundKeys({ refunds }: JsonObject): unknown[] {
  if (!Array.isArray(refunds)) return [];
  return refunds
    .filter(isObject)
    .map((refund) => `${scalarOf(refund.refund_chargeback_id)} ${Boolean(refund.bank_confirmed_at)}`)
    .sort();
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
