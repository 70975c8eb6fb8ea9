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

describe('the delay before a hedged request', () => {
  it('is the recent p95 of the account, at least 0.8 s and at most 5 s', () => {
    expect(hedging.delayMs(midtrans)).toBe(800);
    times(100, () => hedging.recordLatency(midtrans, 50));
    expect(hedging.delayMs(midtrans)).toBe(800);
    times(12, () => hedging.recordLatency(midtrans, 2_000));
    expect(hedging.delayMs(midtrans)).toBe(2_000);
    times(20, () => hedging.recordLatency(midtrans, 9_000));
    expect(hedging.delayMs(midtrans)).toBe(5_000);
    expect(hedging.delayMs(candidate('jkt'))).toBe(800);
    times(200, () => hedging.recordLatency(midtrans, 50)); // the slow samples have left the window
    expect(hedging.delayMs(midtrans)).toBe(800);
  });

  it('is zero for an account in half-open: no till waits for a probe', () => {
    const probed = candidate('default', { openSince: clock.now(), halfOpen: true });
    expect(hedging.delayMs(probed)).toBe(0);
    times(50, () => expect(hedging.tryAcquire(probed)).toBe(true));
    expect(hedging.tryAcquire(midtrans)).toBe(true); // the probes cost no budget
  });

  it('is fixed when it is configured', () => {
    expect(createHedging(clock, 300).delayMs(midtrans)).toBe(300);
  });
});

describe('the hedge budget', () => {
  const acquired = (tries: number) => times(tries, () => {}).filter(() => hedging.tryAcquire(midtrans)).length;

  it('is a tenth of the create calls of the account within a minute', () => {
    times(200, () => hedging.recordRequest(midtrans));
    expect(acquired(100)).toBe(20);
    times(50, () => hedging.recordRequest(midtrans));
    expect(acquired(100)).toBe(5);
    clock.advance(60_001);
    times(30, () => hedging.recordRequest(midtrans));
    expect(acquired(100)).toBe(3);
  });

  it('allows one hedged request a minute however few calls there are', () => {
    hedging.recordRequest(midtrans);
    expect(acquired(5)).toBe(1);
    clock.advance(60_001);
    expect(acquired(5)).toBe(1);
  });

  it('is counted per account', () => {
    expect(acquired(2)).toBe(1);
    expect(hedging.tryAcquire(candidate('jkt'))).toBe(true);
  });
});
