import { manualClock } from '@gateway/shared/runtime';
import type { Candidate } from '../providers/accounts.ts';
import { createHedging, type Hedging } from './hedging.ts';

const clock = manualClock();
const candidate = (id = 'default', openBreaker: ReturnType<Candidate['openBreaker']> = null) =>
  ({ provider: { account: { provider: 'midtrans', id } }, traits: {}, openBreaker: () => openBreaker }) as unknown as Candidate;
const midtrans = candidate();

let hedging: Hedging;
beforeEach(() => {
  hedging = createHedging(clock);
});
const times = (count: number, act: () => void) => Array.from({ length: count }, act);

describe('when the next provider is asked beside a silent one', () => {
  it('is after its recent p95, at least 0.8 s and at most 5 s', () => {
    expect(hedging.delayMs(midtrans)).toBe(800);
    times(100, () => hedging.recordLatency(midtrans, 50));
    expect(hedging.delayMs(midtrans)).toBe(800);
    times(12, () => hedging.recordLatency(midtrans, 2_000));
    expect(hedging.delayMs(midtrans)).toBe(2_000);
    times(20, () => hedging.recordLatency(midtrans, 9_000));
    expect(hedging.delayMs(midtrans)).toBe(5_000);
    expect(hedging.delayMs(candidate('jkt'))).toBe(800);
    times(200, () => hedging.recordLatency(midtrans, 50)); // the slow day is forgotten
    expect(hedging.delayMs(midtrans)).toBe(800);
  });

  it('is at once when it was out and is only tried: no till waits for a try', () => {
    const probed = candidate('default', { openSince: clock.now(), halfOpen: true });
    expect(hedging.delayMs(probed)).toBe(0);
    times(50, () => expect(hedging.tryAcquire(probed)).toBe(true));
    expect(hedging.tryAcquire(midtrans)).toBe(true); // and costs the budget nothing
  });

  it('may be told', () => {
    expect(createHedging(clock, 300).delayMs(midtrans)).toBe(300);
  });
});

describe('the budget', () => {
  const acquired = (tries: number) => times(tries, () => {}).filter(() => hedging.tryAcquire(midtrans)).length;

  it('is a tenth of what the account was asked within a minute', () => {
    times(200, () => hedging.recordRequest(midtrans));
    expect(acquired(100)).toBe(20);
    times(50, () => hedging.recordRequest(midtrans));
    expect(acquired(100)).toBe(5);
    clock.advance(60_001);
    times(30, () => hedging.recordRequest(midtrans));
    expect(acquired(100)).toBe(3);
  });

  it('always has one a minute: with few orders, a tenth of them would be none', () => {
    hedging.recordRequest(midtrans);
    expect(acquired(5)).toBe(1);
    clock.advance(60_001);
    expect(acquired(5)).toBe(1);
  });

  it('is each account’s own', () => {
    expect(acquired(2)).toBe(1);
    expect(hedging.tryAcquire(candidate('jkt'))).toBe(true);
  });
});
