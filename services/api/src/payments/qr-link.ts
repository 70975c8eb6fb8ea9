import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signed links to the QR image of a payment. A link needs no key, and shows the QR only while it may be scanned. */
export interface QrLinks {
  svg(paymentId: string): string;
  isSigned(paymentId: string, signature: unknown): boolean;
}

export function createQrLinks(publicUrl: string, signingKey: string): QrLinks {
  const sign = (paymentId: string): string => createHmac('sha256', signingKey).update(`qr ${paymentId}`).digest('base64url');
  return {
    svg: (paymentId) => `${publicUrl}/transaction/payments/${paymentId}/qr.svg?sig=${sign(paymentId)}`,
    isSigned: (paymentId, signature) => {
      const received = Buffer.from(typeof signature === 'string' ? signature : '');
      const expected = Buffer.from(sign(paymentId));
      return received.length === expected.length && timingSafeEqual(received, expected);
    },
  };
}
