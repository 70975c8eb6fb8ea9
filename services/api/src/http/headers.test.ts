import { linkPath } from './headers.ts';

it.each([
  ['https://pay.example.id', '/transaction/payments/pay_1'],
  ['https://example.id/pay', '/pay/transaction/payments/pay_1'],
  ['https://example.id/pay/', '/pay/transaction/payments/pay_1'],
])('a link below %s keeps the path of PUBLIC_URL', (publicUrl, link) => {
  expect(linkPath(publicUrl, '/transaction/payments/pay_1')).toBe(link);
});
