import { withTimeLimit } from './time-limit.ts';

/** Ends when its signal aborts. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

it('a call that takes longer is aborted as timed out', async () => {
  await expect(withTimeLimit(5, untilAborted)).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('a call is aborted with the outer signal, and for its reason', async () => {
  const outer = new AbortController();
  const call = withTimeLimit(60_000, untilAborted, outer.signal);
  outer.abort(new Error('stopping'));
  await expect(call).rejects.toThrow('stopping');
  await expect(withTimeLimit(60_000, untilAborted, outer.signal)).rejects.toThrow('stopping');
});

it('nothing is left of a call that has ended: no timer, and no listener of the outer signal', async () => {
  const outer = new AbortController();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const signal = await withTimeLimit(60_000, async (ofCall) => ofCall, outer.signal);
  expect(timers()).toBe(before);
  outer.abort();
  expect(signal.aborted).toBe(false);
});
