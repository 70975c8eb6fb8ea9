import { manualClock } from '@gateway/shared/runtime';
import { createHedge, type Hedge } from './hedge.ts';
import type { Candidate } from './route.ts';

const clock = manualClock();
const candidate = (id = 'default', trouble: ReturnType<Candidate['trouble']> = null) =>
  ({ provider: { account: { provider: 'midtrans', id } }, traits: {}, trouble: () => trouble }) as unknown as Candidate;
const midtrans = candidate();

let hedge: Hedge;
beforeEach(() => {
  hedge = createHedge(clock);
});
const times = (count: number, act: () => void) => Array.from({ length: count }, act);

describe('when the next provider is asked beside a silent one', () => {
  it('is after its recent p95, at least 0.8 s and at most 5 s', () => {
    expect(hedge.delayMs(midtrans)).toBe(800);
    times(100, () => hedge.answered(midtrans, 50));
    expect(hedge.delayMs(midtrans)).toBe(800);
    times(12, () => hedge.answered(midtrans, 2_000));
    expect(hedge.delayMs(midtrans)).toBe(2_000);
    times(20, () => hedge.answered(midtrans, 9_000));
    expect(hedge.delayMs(midtrans)).toBe(5_000);
    expect(hedge.delayMs(candidate('jkt'))).toBe(800);
    times(200, () => hedge.answered(midtrans, 50)); // the slow day is forgotten
    expect(hedge.delayMs(midtrans)).toBe(800);
  });

  it('is at once when it was out and is only tried: no till waits for a try', () => {
    const tried = candidate('default', { since: clock.now(), mayTry: true });
    expect(hedge.delayMs(tried)).toBe(0);
    times(50, () => expect(hedge.take(tried)).toBe(true));
    expect(hedge.take(midtrans)).toBe(true); // and costs the budget nothing
  });

  it('may be told', () => {
    expect(createHedge(clock, 300).delayMs(midtrans)).toBe(300);
  });
});

describe('the budget', () => {
  const taken = (tries: number) => times(tries, () => {}).filter(() => hedge.take(midtrans)).length;

  it('is a tenth of what the account was asked within a minute', () => {
    times(200, () => hedge.asked(midtrans));
    expect(taken(100)).toBe(20);
    times(50, () => hedge.asked(midtrans));
    expect(taken(100)).toBe(5);
    clock.advance(60_001);
    times(30, () => hedge.asked(midtrans));
    expect(taken(100)).toBe(3);
  });

  it('always has one a minute: with few orders, a tenth of them would be none', () => {
    hedge.asked(midtrans);
    expect(taken(5)).toBe(1);
    clock.advance(60_001);
    expect(taken(5)).toBe(1);
  });

  it('is each account’s own', () => {
    expect(taken(2)).toBe(1);
    expect(hedge.take(candidate('jkt'))).toBe(true);
  });
});
