import { hash } from 'node:crypto';
import { isSecretOf } from '../webhook-secret.ts';

/** The fields that the signature covers. It does NOT cover status, transaction id, fraud status and refunds. */
export interface SignedFields {
  order_id: string;
  status_code: string;
  gross_amount: string;
}

/**
 * Lower-case hex of SHA-512 over the fields as they were received: `"150000.00"`, never a number that was formatted again.
 * Source: Midtrans, "Handle notifications", read 2026-11 (docs/providers.md 2.10).
 */
export function midtransSignature(fields: SignedFields, serverKey: string): string {
  return hash('sha512', `${fields.order_id}${fields.status_code}${fields.gross_amount}${serverKey}`);
}

/** Whether one of these server keys made `signature`: the current one, or the previous one while the key is being rotated. */
export function isSignedBy(fields: SignedFields, signature: string, serverKeys: readonly string[]): boolean {
  return isSecretOf(
    signature,
    serverKeys.filter((key) => key !== '').map((key) => midtransSignature(fields, key)),
  );
}
