import { createHmac, timingSafeEqual } from 'node:crypto';

/** Links to a payment's picture that need no key: whoever has one may look, and only while the QR may be scanned. */
export interface QrLinks {
  svg(paymentId: string): string;
  isSigned(paymentId: string, signature: unknown): boolean;
}

export function createQrLinks(publicUrl: string, signingKey: string): QrLinks {
  const base = publicUrl.replace(/\/+$/, '');
  const sign = (paymentId: string): string => createHmac('sha256', signingKey).update(`qr ${paymentId}`).digest('base64url');
  return {
    svg: (paymentId) => `${base}/transaction/payments/${paymentId}/qr.svg?sig=${sign(paymentId)}`,
    isSigned: (paymentId, signature) => {
      const received = Buffer.from(typeof signature === 'string' ? signature : '');
      const expected = Buffer.from(sign(paymentId));
      return received.length === expected.length && timingSafeEqual(received, expected);
    },
  };
}
