import { hash, randomUUID } from 'node:crypto';
import type { Charge } from '../charge.ts';
import { type FakeResponse, jsonResponse } from '../provider-call.ts';
import type { Switches } from '../switches.ts';

const wibOffsetMs = 7 * 3_600_000;

/** Western Indonesia time without an offset, in every time zone of this machine: `2026-03-02 10:00:01`. Source: providers.md 2.3. */
export const wibTime = (ms: number): string => new Date(ms + wibOffsetMs).toISOString().slice(0, 19).replace('T', ' ');

/** Minutes since midnight in Western Indonesia. */
export const wibMinuteOfDay = (ms: number): number => Math.floor((ms + wibOffsetMs) / 60_000) % 1_440;

/** Rupiah as Midtrans writes them: `150000.00`. */
export const rupiahText = (amount: number): string => `${amount}.00`;

/** Hashes the strings exactly as they are sent. Source: providers.md 2.10. */
export const signatureKey = (orderId: string, statusCode: string, grossAmount: string, serverKey: string): string =>
  hash('sha512', orderId + statusCode + grossAmount + serverKey);

const messages: Record<string, string> = {
  '400': 'One or more parameters in the payload is invalid.',
  '401': 'Access denied due to unauthorized transaction, please check client or server key',
  '402': "Merchant doesn't have access for this payment type",
  '403': 'The requested resource is only capable of generating content in JSON',
  '404': "Transaction doesn't exist.",
  '405': 'The HTTP method is not allowed for this resource',
  '406': 'The request could not be completed due to a conflict with the current state of the target resource, please try again',
  '408': 'One or more parameters in the payload has a wrong data type',
  '412': 'Merchant cannot modify the status of the transaction',
  '413': 'The request could not be processed due to malformed syntax',
  '414': 'Refund request is rejected due to invalid amount',
  '429': 'Too many requests',
  '500': 'Sorry. Our system is recovering from unexpected issues. Please retry.',
};

/** Codes that are the HTTP status too: authentication, rate limits, server errors. All others come with HTTP 200. Source: providers.md 2.4. */
const alsoHttpStatus = new Set(['401', '429', '500']);

/** An answer with `code` in its body. The switch `midtrans_http_status` decides its HTTP status. */
export function midtransResponse(switches: Switches, code: string, body: object, charge?: Charge): FakeResponse {
  const isCopied = switches.current.midtrans_http_status === 'copies_body' || alsoHttpStatus.has(code);
  return jsonResponse(isCopied ? Number(code) : 200, body, code, charge);
}

export interface ErrorDetails {
  message?: string;
  validationMessages?: string[];
  charge?: Charge | undefined;
}

/** An error answer of Midtrans. Source: providers.md 2.4. */
export function midtransError(switches: Switches, code: string, { message, validationMessages, charge }: ErrorDetails = {}): FakeResponse {
  const body = {
    status_code: code,
    status_message: message ?? messages[code],
    ...(validationMessages && { validation_messages: validationMessages }),
    id: randomUUID(),
  };
  return midtransResponse(switches, code, body, charge);
}
