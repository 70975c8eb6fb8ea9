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

describe('a refund at Midtrans', () => {
  it.each([
    ['seven days for another app’s payer', { now: days(7) }, null],
    ['no more after that', { now: days(7.01) }, 'refund_window_over'],
    ['seven days for a payer nobody named', { issuer: null, now: days(8) }, 'refund_window_over'],
    ['forty-five days for GoPay’s own', { issuer: 'gopay', now: days(45) }, null],
    ['no more after that, either', { issuer: 'gopay', now: days(46) }, 'refund_window_over'],
    ['a year at the Shopee acquirer', { acquirer: 'airpay shopee', amount: rupiah(150_000), now: days(300) }, null],
    ['but nothing in part there', { acquirer: 'airpay shopee' }, 'partial_refund_not_supported'],
  ] as [string, Partial<RefundFacts>, string | null][])('%s', (_what, changes, code) => {
    expect(obstacle('midtrans', changes)?.code ?? null).toBe(code);
  });

  it.each([
    ['23:54', '2026-03-02T16:54:59Z', null],
    ['23:55', '2026-03-02T16:55:00Z', '2026-03-02T23:00:00.000Z'],
    ['00:10', '2026-03-02T17:10:00Z', '2026-03-02T23:00:00.000Z'],
    ['05:59', '2026-03-02T22:59:59Z', '2026-03-02T23:00:00.000Z'],
    ['06:00', '2026-03-02T23:00:00Z', null],
  ])('at %s in Jakarta, at the Shopee acquirer, may be asked for from %s: %s', (_wib, now, retryAt) => {
    const found = obstacle('midtrans', { acquirer: 'airpay shopee', amount: rupiah(150_000), now: new Date(now) });
    expect(found?.retryAt?.toISOString() ?? null).toBe(retryAt);
  });
});

describe('a refund at Xendit', () => {
  it.each([
    ['seven days', { now: days(7) }, null],
    ['no more after that', { now: days(7.01) }, 'refund_window_over'],
    ['some apps only', { issuer: 'linkaja' }, 'issuer_not_refundable'],
    ['an app nobody named: ask', { issuer: null }, null],
    ['Shopee Pay, with a space', { issuer: 'shopee pay' }, null],
    ['Bank Permata', { issuer: 'bank permata' }, null],
    ['Jenius, under its bank’s name', { issuer: 'smbc indonesia' }, null],
    ['CIMB in part: no', { issuer: 'cimb niaga', now: hours(30) }, 'partial_refund_not_supported'],
    ['CIMB in full, on the first day: not yet', { issuer: 'cimb niaga', amount: rupiah(150_000) }, 'refund_not_possible_yet'],
    ['CIMB in full, after a day', { issuer: 'cimb niaga', amount: rupiah(150_000), now: hours(24) }, null],
  ] as [string, Partial<RefundFacts>, string | null][])('%s', (_what, changes, code) => {
    expect(obstacle('xendit', changes)?.code ?? null).toBe(code);
  });

  it('says when CIMB may be asked', () => {
    expect(obstacle('xendit', { issuer: 'cimb', amount: rupiah(150_000) })?.retryAt).toEqual(hours(24));
  });
});
