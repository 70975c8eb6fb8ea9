import { describeRoute, type RouteStep, timeOfDay } from './route-step.ts';

const step = (outcome: RouteStep['outcome'], more: Partial<RouteStep> = {}): RouteStep => ({
  provider: 'midtrans',
  account: 'default',
  at: '2026-03-02T10:02:11.500Z',
  outcome,
  ...more,
});

describe('the route of a payment as text', () => {
  it.each<[RouteStep, string]>([
    [step('skipped'), 'midtrans skipped'],
    [step('skipped', { reason: 'breaker open' }), 'midtrans skipped: breaker open'],
    [step('asked'), 'midtrans asked at 10:02:11, no answer yet'],
    [step('chosen', { durationMs: 212 }), 'midtrans chosen; answered in 212 ms'],
    [step('refused', { reason: 'rejected', durationMs: 5 }), 'midtrans refused: rejected, after 5 ms'],
    [step('unknown', { reason: 'timeout', durationMs: 5_700 }), 'midtrans outcome unknown: timeout, after 5700 ms'],
    [step('superseded', { durationMs: 900 }), 'midtrans answered in 900 ms, too late to be shown'],
    [step('lost', { durationMs: 900 }), 'midtrans answered in 900 ms, too late to be shown'],
    [step('chosen', { account: 'jkt', durationMs: 1 }), 'midtrans (account jkt) chosen; answered in 1 ms'],
  ])('names what each provider did: %j', (one, text) => expect(describeRoute([one])).toBe(text));

  it('lists the providers in the order in which they were considered', () => {
    expect(describeRoute([step('skipped'), step('asked', { provider: 'xendit' })])).toBe(
      'midtrans skipped; xendit asked at 10:02:11, no answer yet',
    );
  });

  it('says when none was asked yet', () => expect(describeRoute([])).toBe('no provider asked yet'));

  it('has times of day in UTC', () => expect(timeOfDay(new Date('2026-03-02T03:05:09.999Z'))).toBe('03:05:09'));
});
