import { asStoreId, describeRoute, rupiah } from '@gateway/shared/payment';
import { createProviders, fixedAccounts, type ProviderAccount } from '@gateway/shared/provider';
import { createLogger, manualClock } from '@gateway/shared/runtime';
import type { settings, storeSettings as storeSetting } from '@gateway/shared/store';
import { createAccounts } from '../providers/accounts.ts';
import { createChooseRoute } from './routing.ts';

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
const open = { openSince, halfOpen: false };

type RouteInput = {
  holds?: settings.Hold[];
  settings?: Partial<storeSetting.StoreSettings>;
  openBreakers?: Record<string, typeof open>;
  amount?: number;
};
function routeWith({ holds = [], settings: storeSettings, openBreakers = {}, amount = 55_000 }: RouteInput = {}) {
  const configured = [account('midtrans'), account('midtrans', 'jkt'), account('xendit')];
  const accounts = createAccounts(fixedAccounts(configured), createProviders({ log, clock }), (key) => openBreakers[key] ?? null);
  const stores = new Map(
    storeSettings
      ? [['JKT-01', { lateMoney: 'accept', providers: null, accounts: {}, ...storeSettings } as storeSetting.StoreSettings]]
      : [],
  );
  const chooseRoute = createChooseRoute({ order: ['midtrans', 'xendit'], accounts, control: () => ({ settings: stores, holds }), clock });
  const { candidates, skipped } = chooseRoute({ storeId: asStoreId('JKT-01'), amount: rupiah(amount) });
  return { asked: candidates.map(({ provider: { account: chosen } }) => `${chosen.provider}/${chosen.id}`), why: describeRoute(skipped) };
}
const held = (scope: Partial<settings.Hold>): settings.Hold => ({
  provider: 'midtrans',
  account: '*',
  storeId: '*',
  heldAt: new Date('2026-03-01T09:00:00Z'),
  ...scope,
});

describe('the route of a payment', () => {
  it('is the order of the installation, or the order and the accounts of the store', () => {
    expect(routeWith().asked).toEqual(['midtrans/default', 'xendit/default']);
    expect(routeWith({ settings: { providers: ['xendit', 'midtrans'], accounts: { midtrans: 'jkt' } } }).asked).toEqual([
      'xendit/default',
      'midtrans/jkt',
    ]);
    expect(routeWith({ settings: { providers: ['xendit'] } }).asked).toEqual(['xendit/default']);
  });

  it('skips an account with an open breaker, and asks it again when the breaker is half-open', () => {
    expect(routeWith({ openBreakers: { 'midtrans/default': open } })).toEqual({
      asked: ['xendit/default'],
      why: 'midtrans skipped: breaker open since 10:02:11',
    });
    expect(routeWith({ openBreakers: { 'midtrans/jkt': open } }).asked).toContain('midtrans/default');
    expect(routeWith({ openBreakers: { 'midtrans/default': { ...open, halfOpen: true } } }).asked[0]).toBe('midtrans/default');
  });

  it.each([
    [held({}), 'held'],
    [held({ account: 'default' }), 'held'],
    [held({ storeId: 'JKT-01' }), 'held'],
    [held({ account: 'jkt' }), 'asked'],
    [held({ storeId: 'BDG-01' }), 'asked'],
    [held({ provider: 'xendit' }), 'asked'],
  ])('skips an account within the scope of a hold: %j is %s', (hold, outcome) => {
    const { asked, why } = routeWith({ holds: [hold] });
    expect(asked.includes('midtrans/default')).toBe(outcome === 'asked');
    if (outcome === 'held') expect(why).toBe('midtrans skipped: held by an operator since 09:00:00 (2026-03-01)');
  });

  it('skips an account that is over its limit or not configured', () => {
    expect(routeWith({ amount: 10_000_001 })).toEqual({
      asked: [],
      why: 'midtrans skipped: 10000001 is over its limit of 10000000; xendit skipped: 10000001 is over its limit of 10000000',
    });
    expect(routeWith({ settings: { accounts: { midtrans: 'bdg' } } }).why).toBe('midtrans (account bdg) skipped: not configured');
  });
});

describe('a route as text', () => {
  const at = '2026-03-02T10:05:00.000Z';
  it.each([
    [[], 'no provider asked yet'],
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
        { provider: 'xendit', account: 'default', at, outcome: 'superseded', durationMs: 900 },
      ],
      'midtrans asked at 10:05:00, no answer yet; xendit answered in 900 ms, too late to be shown',
    ],
    [[{ provider: 'xendit', account: 'default', at, outcome: 'lost', durationMs: 900 }], 'xendit answered in 900 ms, too late to be shown'],
  ] as const)('names each provider with its result: %j', (steps, expected) => {
    expect(describeRoute(steps)).toBe(expected);
  });
});
