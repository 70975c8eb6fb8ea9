import { refundFailureOf, refundFailures } from './refund.ts';

describe('why a refund failed', () => {
  it.each(refundFailures)('is kept when it is known: %s', (reason) => expect(refundFailureOf(reason)).toBe(reason));

  it.each(['out_of_coffee', '', null])('is refused when it is not known: %p', (reason) => expect(refundFailureOf(reason)).toBe('refused'));
});
