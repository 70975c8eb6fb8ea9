import { createProviders, type ProviderAccount } from '@gateway/shared/provider';
import { createLogger, manualClock } from '@gateway/shared/runtime';
import { type Hold, routeInWords, type StoreSettings } from '@gateway/shared/store';
import { rupiah } from '../../../packages/shared/src/payment/index.ts';
import { createAccounts } from './accounts.ts';
import { createRoute } from './route.ts';

const clock = manualClock(new Date('2026-03-02T10:05:00Z'));
const log = createLogger('test', 'silent');
const account = (provider: string, id = 'default'): ProviderAccount => ({
  provider,
  id,
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: 'key',
  webhookSecrets: ['key'],
});
const openSince = new Date('2026-03-02T10:02:11Z');
const open = { since: openSince, mayTry: false };

type World = { holds?: Hold[]; settings?: Partial<StoreSettings>; trouble?: Record<string, typeof open>; amount?: number };
function routed({ holds = [], settings, trouble = {}, amount = 55_000 }: World = {}) {
  const configured = [account('midtrans'), account('midtrans', 'jkt'), account('xendit')];
  const accounts = createAccounts(configured, createProviders({ log, clock }), (key) => trouble[key] ?? null);
  const stores = new Map(
    settings ? [['JKT-01', { lateMoney: 'accept', providers: null, accounts: {}, ...settings } as StoreSettings]] : [],
  );
  const route = createRoute({ order: ['midtrans', 'xendit'], accounts, control: () => ({ settings: stores, holds }), clock });
  const { candidates, skipped } = route({ storeId: 'JKT-01', amount: rupiah(amount) });
  return { asked: candidates.map(({ provider: { account: of } }) => `${of.provider}/${of.id}`), why: routeInWords(skipped) };
}
const held = (scope: Partial<Hold>): Hold => ({
  provider: 'midtrans',
  account: '*',
  storeId: '*',
  heldAt: new Date('2026-03-01T09:00:00Z'),
  ...scope,
});

describe('the route of a payment', () => {
  it('is the order of the installation, or the store’s own, with its own accounts', () => {
    expect(routed().asked).toEqual(['midtrans/default', 'xendit/default']);
    expect(routed({ settings: { providers: ['xendit', 'midtrans'], accounts: { midtrans: 'jkt' } } }).asked).toEqual([
      'xendit/default',
      'midtrans/jkt',
    ]);
    expect(routed({ settings: { providers: ['xendit'] } }).asked).toEqual(['xendit/default']);
  });

  it('skips whose breaker is open, for its account alone, and asks again when it has rested', () => {
    expect(routed({ trouble: { 'midtrans/default': open } })).toEqual({
      asked: ['xendit/default'],
      why: 'midtrans skipped: breaker open since 10:02:11',
    });
    expect(routed({ trouble: { 'midtrans/jkt': open } }).asked).toContain('midtrans/default');
    expect(routed({ trouble: { 'midtrans/default': { ...open, mayTry: true } } }).asked[0]).toBe('midtrans/default');
  });

  it.each([
    [held({}), 'held'],
    [held({ account: 'default' }), 'held'],
    [held({ storeId: 'JKT-01' }), 'held'],
    [held({ account: 'jkt' }), 'asked'],
    [held({ storeId: 'BDG-01' }), 'asked'],
    [held({ provider: 'xendit' }), 'asked'],
  ])('skips what an operator holds, for whom it is held: %j is %s', (hold, outcome) => {
    const { asked, why } = routed({ holds: [hold] });
    expect(asked.includes('midtrans/default')).toBe(outcome === 'asked');
    if (outcome === 'held') expect(why).toBe('midtrans skipped: held by an operator since 09:00:00 (2026-03-01)');
  });

  it('skips whom the amount is too much for, and who is not configured', () => {
    expect(routed({ amount: 10_000_001 })).toEqual({
      asked: [],
      why: 'midtrans skipped: 10000001 is over its limit of 10000000; xendit skipped: 10000001 is over its limit of 10000000',
    });
    expect(routed({ settings: { accounts: { midtrans: 'bdg' } } }).why).toBe('midtrans (account bdg) skipped: not configured');
  });
});

describe('a route in words', () => {
  const at = '2026-03-02T10:05:00.000Z';
  it.each([
    [[], 'nobody was asked yet'],
    [
      [
        { provider: 'midtrans', account: 'default', at, outcome: 'skipped', reason: 'breaker open since 10:02:11' },
        { provider: 'xendit', account: 'default', at, outcome: 'chosen', durationMs: 212 },
      ],
      'midtrans skipped: breaker open since 10:02:11; xendit chosen; answered in 212 ms',
    ],
    [
      [
        { provider: 'midtrans', account: 'jkt', at, outcome: 'unknown', reason: 'timeout', durationMs: 5_700 },
        { provider: 'xendit', account: 'default', at, outcome: 'refused', reason: 'unauthorized', durationMs: 80 },
      ],
      'midtrans (account jkt) outcome unknown: timeout, after 5700 ms; xendit refused: unauthorized, after 80 ms',
    ],
    [
      [
        { provider: 'midtrans', account: 'default', at, outcome: 'asked' },
        { provider: 'xendit', account: 'default', at, outcome: 'lost', durationMs: 900 },
      ],
      'midtrans asked at 10:05:00, no answer yet; xendit answered in 900 ms, too late to be shown',
    ],
  ] as const)('tells a person what became of whom', (steps, words) => {
    expect(routeInWords(steps)).toBe(words);
  });
});
