import { aPayment, type PaymentOverrides } from '@gateway/testing/worker/payment-fixture';
import { isScannable } from './payment.ts';

const now = new Date('2026-03-02T03:05:00.000Z');
const onDisplay = { status: 'pending', qrString: '000201', expiresAt: new Date(now.getTime() + 1) } as const;

describe('a QR', () => {
  it('may be scanned until its expiry', () => expect(isScannable(aPayment(onDisplay), now)).toBe(true));

  it.each<[string, PaymentOverrides]>([
    ['its payment is not pending', { status: 'created' }],
    ['there is none', { qrString: null }],
    ['it is hidden', { hiddenAt: now }],
    ['its cancellation was requested', { cancelRequestedAt: now }],
    ['it expires now', { expiresAt: now }],
  ])('may not be scanned when %s', (_, change) => {
    expect(isScannable(aPayment({ ...onDisplay, ...change }), now)).toBe(false);
  });
});
