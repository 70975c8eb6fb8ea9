import { isObject, type JsonObject, jsonObject } from '../http-answer.ts';
import { type WebhookReader, WebhookRefused, type WebhookRumour, WebhookUnreadable } from '../qris-provider.ts';
import { deliveryKeyOf } from '../webhook-secret.ts';
import { isSignedBy, type SignedFields } from './midtrans-signature.ts';
import { midtransChargeStatus } from './midtrans-status.ts';

/** Midtrans' HTTP notifications. Source: Midtrans, "HTTP notification / webhooks", read 2026-11 (providers.md 2.9 to 2.11). */
export const midtransWebhookReader: WebhookReader = {
  read(raw, _headers, account) {
    const body = jsonObject(raw);
    if (!body) throw new WebhookUnreadable('the body is no JSON object');
    const { signature_key: signature } = body;
    const fields = signedFieldsOf(body);
    if (!fields || typeof signature !== 'string' || !isSignedBy(fields, signature, account.webhookSecrets))
      throw new WebhookRefused('no server key of this account signed it');
    return {
      reference: fields.order_id,
      // The id in the body is not signed, and Midtrans finds a charge by our reference just as well.
      providerChargeId: null,
      deliveryKey: deliveryKeyOf([fields.order_id, fields.status_code, scalarOf(body.transaction_id), wordOf(body), ...refundNews(body)]),
      claims: claimOf(fields, body),
      refund: null, // its fields are unsigned; the charge's own answer lists every refund
    };
  },
};

/**
 * Only strings: a number would have lost its `.00`, and a list joins into a text as if it were one. And only of their shapes: the
 * signature runs the three together, so that the end of one could pass for the beginning of the next.
 */
function signedFieldsOf({ order_id, status_code, gross_amount }: JsonObject): SignedFields | null {
  if (typeof order_id !== 'string' || typeof status_code !== 'string' || typeof gross_amount !== 'string') return null;
  const shaped = order_id !== '' && /^\d{3}$/.test(status_code) && /^\d+(\.\d+)?$/.test(gross_amount);
  return shaped ? { order_id, status_code, gross_amount } : null;
}

/** Unsigned, so it may be anything, also something nested too deep to be written out again. */
const scalarOf = (value: unknown): string | null => (typeof value === 'string' || typeof value === 'number' ? String(value) : null);

const wordOf = ({ transaction_status: word }: JsonObject): string | null => (typeof word === 'string' ? word.toLowerCase() : null);

/**
 * Each refund and whether the wallet has confirmed it: a confirmation is news of its own, also that of an older refund.
 * The signature is the same for all of them, so it cannot tell news apart.
 */
function refundNews({ refunds }: JsonObject): unknown[] {
  if (!Array.isArray(refunds)) return [];
  return refunds
    .filter(isObject)
    .map((refund) => `${scalarOf(refund.refund_chargeback_id)} ${Boolean(refund.bank_confirmed_at)}`)
    .sort();
}

/** The word is unsigned, the code is not: a claim stands only where the two agree. Codes: providers.md 2.9. */
function claimOf(fields: SignedFields, body: JsonObject): WebhookRumour['claims'] {
  const word = wordOf(body);
  const fraud = body.fraud_status;
  if (word === null || (fraud !== undefined && typeof fraud !== 'string')) return null;
  const status = midtransChargeStatus({ code: fields.status_code, transactionStatus: word, fraudStatus: fraud ?? null });
  switch (status) {
    case 'paid':
      return word === 'settlement' ? 'paid' : 'refunded';
    case 'open':
      return word === 'pending' && fields.status_code === '201' ? 'open' : null;
    default:
      return fields.status_code === '202' ? status : null;
  }
}
