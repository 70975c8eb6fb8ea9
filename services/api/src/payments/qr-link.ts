import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { SigningKeys } from '../config.ts';

/** Signed links to the QR image of a payment. A link needs no key, and shows the QR only while it may be scanned. */
export interface QrLinks {
  svg(paymentId: string): string;
  isSigned(paymentId: string, signature: unknown): boolean;
}

/** @param signingKeys the first one signs; the others only verify, while a signing key is replaced */
export function createQrLinks(publicUrl: string, signingKeys: SigningKeys): QrLinks {
  const [first, ...previous] = signingKeys.map((key) => createSecretKey(key, 'utf8')) as [KeyObject, ...KeyObject[]];
  const sign = (paymentId: string, key = first): string => createHmac('sha256', key).update(`qr ${paymentId}`).digest('base64url');
  return {
    svg: (paymentId) => `${publicUrl}/transaction/payments/${paymentId}/qr.svg?sig=${sign(paymentId)}`,
    isSigned: (paymentId, signature) => {
      const received = Buffer.from(typeof signature === 'string' ? signature : '');
      return [first, ...previous].some((key) => {
        const expected = Buffer.from(sign(paymentId, key));
        return received.length === expected.length && timingSafeEqual(received, expected);
      });
    },
  };
}
