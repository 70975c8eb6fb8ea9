import { rupiah } from '../payment/index.ts';
import { plusMs } from '../runtime/index.ts';
import { providerKind } from './provider-factory.ts';
import type { RefundFacts } from './provider-traits.ts';

const paidAt = new Date('2026-03-02T03:00:00Z');
const hours = (count: number) => plusMs(paidAt, count * 3_600_000);
const days = (count: number) => hours(count * 24);

const facts = (changes: Partial<RefundFacts> = {}): RefundFacts => ({
  issuer: 'dana',
  acquirer: 'gopay',
  paidAt,
  paidAmount: rupiah(150_000),
  amount: rupiah(50_000),
  now: hours(1),
  ...changes,
});
const obstacle = (provider: string, changes: Partial<RefundFacts>) => providerKind(provider).traits.refundObstacle(facts(changes));

describe('a refund at Midtrans is possible', () => {
  it.each([
    ['within seven days when another app paid', { now: days(7) }, null],
    ['not after seven days when another app paid', { now: days(7.01) }, 'refund_window_over'],
    ['not after seven days when the issuer is not known', { issuer: null, now: days(8) }, 'refund_window_over'],
    ['within 45 days when GoPay paid', { issuer: 'gopay', now: days(45) }, null],
    ['not after 45 days when GoPay paid', { issuer: 'gopay', now: days(46) }, 'refund_window_over'],
    ['within a year at the Shopee acquirer', { acquirer: 'airpay shopee', amount: rupiah(150_000), now: days(300) }, null],
    ['not in part at the Shopee acquirer', { acquirer: 'airpay shopee' }, 'partial_refund_not_supported'],
  ] as [string, Partial<RefundFacts>, string | null][])('%s', (_what, changes, code) => {
    expect(obstacle('midtrans', changes)?.code ?? null).toBe(code);
  });

  it.each([
    ['23:54', '2026-03-02T16:54:59Z', null],
    ['23:55', '2026-03-02T16:55:00Z', '2026-03-02T23:00:00.000Z'],
    ['00:10', '2026-03-02T17:10:00Z', '2026-03-02T23:00:00.000Z'],
    ['05:59', '2026-03-02T22:59:59Z', '2026-03-02T23:00:00.000Z'],
    ['06:00', '2026-03-02T23:00:00Z', null],
  ])('at the Shopee acquirer, requested at %s in Jakarta (%s), again at %s', (_wib, now, retryAt) => {
    const found = obstacle('midtrans', { acquirer: 'airpay shopee', amount: rupiah(150_000), now: new Date(now) });
    expect(found?.retryAt?.toISOString() ?? null).toBe(retryAt);
  });
});

describe('a refund at Xendit is possible', () => {
  it.each([
    ['within seven days', { now: days(7) }, null],
    ['not after seven days', { now: days(7.01) }, 'refund_window_over'],
    ['not for LinkAja', { issuer: 'linkaja' }, 'issuer_not_refundable'],
    ['when the issuer is not known: Xendit decides', { issuer: null }, null],
    ['for Shopee Pay, also with a space', { issuer: 'shopee pay' }, null],
    ['for Bank Permata', { issuer: 'bank permata' }, null],
    ['for Jenius, also under the name of its bank', { issuer: 'smbc indonesia' }, null],
    ['not in part for CIMB', { issuer: 'cimb niaga', now: hours(30) }, 'partial_refund_not_supported'],
    ['not on the first day for CIMB', { issuer: 'cimb niaga', amount: rupiah(150_000) }, 'refund_not_possible_yet'],
    ['in full after a day for CIMB', { issuer: 'cimb niaga', amount: rupiah(150_000), now: hours(24) }, null],
  ] as [string, Partial<RefundFacts>, string | null][])('%s', (_what, changes, code) => {
    expect(obstacle('xendit', changes)?.code ?? null).toBe(code);
  });

  it('for CIMB from the time in retryAt', () => {
    expect(obstacle('xendit', { issuer: 'cimb', amount: rupiah(150_000) })?.retryAt).toEqual(hours(24));
  });
});
