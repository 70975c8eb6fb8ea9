import { createHash } from 'node:crypto';
import { isSecretOf } from '../webhook-secret.ts';

/** Exactly what the signature covers. Status, transaction id, fraud screen and refunds are NOT in it. */
export interface SignedFields {
  order_id: string;
  status_code: string;
  gross_amount: string;
}

/**
 * Lower-case hex of SHA-512 over the fields as they came: `"150000.00"`, never a number written out again.
 * Source: Midtrans, "Handle notifications", read 2026-11 (providers.md 2.10).
 */
export function midtransSignature(fields: SignedFields, serverKey: string): string {
  return createHash('sha512').update(`${fields.order_id}${fields.status_code}${fields.gross_amount}${serverKey}`).digest('hex');
}

/** Whether any of these server keys made `signature`: the present one, or the previous one while it is being rotated. */
export function isSignedBy(fields: SignedFields, signature: string, serverKeys: readonly string[]): boolean {
  return isSecretOf(
    signature,
    serverKeys.filter((key) => key !== '').map((key) => midtransSignature(fields, key)),
  );
}
