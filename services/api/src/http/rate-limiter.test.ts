import { manualClock } from '@gateway/shared/runtime';
import { countedAddress } from './caller-address.ts';
import { createRateLimiter } from './rate-limiter.ts';

it('a name may make `burst` requests at once and `perSecond` afterwards, and other names are not limited', () => {
  const clock = manualClock();
  const limiter = createRateLimiter({ perSecond: 2, burst: 3 }, clock);
  expect(['a', 'a', 'a', 'a', 'b'].map((name) => limiter.take(name))).toEqual([null, null, null, 1, null]);
  clock.advance(500); // one token
  expect(limiter.waitOf('a')).toBeNull(); // and takes nothing
  expect(['a', 'a'].map((name) => limiter.take(name))).toEqual([null, 1]);
  clock.advance(60_000); // no more than `burst` are saved
  expect(['a', 'a', 'a', 'a'].map((name) => limiter.take(name))).toEqual([null, null, null, 1]);
});

it('a slow rate says how many seconds the caller has to wait', () => {
  const limiter = createRateLimiter({ perSecond: 0.1, burst: 1 }, manualClock());
  expect([limiter.take('a'), limiter.take('a')]).toEqual([null, 10]);
});

it('the memory is bounded: of many names, those that were quiet for the longest time are forgotten', () => {
  const limiter = createRateLimiter({ perSecond: 1, burst: 1 }, manualClock());
  limiter.take('first');
  for (let n = 0; n < 10_000; n++) limiter.take(`address ${n}`);
  expect([limiter.waitOf('first'), limiter.waitOf('address 9999')]).toEqual([null, 1]);
});

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
])('the address %s is counted as %s', (address, counted) => expect(countedAddress(address)).toBe(counted));
