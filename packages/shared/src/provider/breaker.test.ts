import { Registry } from 'prom-client';
import { eventually } from '../../../../testing/eventually.ts';
import { logLines } from '../../test/provider/log-lines.ts';
import { manualClock } from '../runtime/index.ts';
import { Breaker, type BreakerChange, type BreakerPolicy } from './breaker.ts';
import { createBreakerMetrics } from './breaker-metrics.ts';
import { ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from './provider-error.ts';

const never = new AbortController().signal;
const quick: BreakerPolicy = { capacity: 2, limitMs: 1_000, restMs: 30, fewestCalls: 4, windowMs: 5_000 };
const clock = manualClock(new Date('2026-03-02T03:00:00Z'));

let registry: Registry;
let breaker: Breaker;
let changes: BreakerChange[];

function aBreaker(policy: Partial<BreakerPolicy> = {}): Breaker {
  breaker?.stop();
  registry = new Registry();
  const tools = { log: logLines().log, clock, metrics: createBreakerMetrics(registry) };
  breaker = new Breaker({ provider: 'midtrans', id: 'default' }, 'create', tools, { ...quick, ...policy });
  changes = [];
  breaker.onChange((change) => changes.push(change));
  return breaker;
}

const says = (answer: () => Promise<string>) => breaker.run('create', never, answer).catch((error: unknown) => error);
const ill = () => Promise.reject(new ProviderUnavailable('refused', 'not sent'));
const well = () => Promise.resolve('a QR');

async function fallIll(): Promise<void> {
  for (let call = 0; call < quick.fewestCalls; call++) await says(ill);
}
async function rested(): Promise<void> {
  await eventually(() => breaker.trouble?.mayTry);
}

beforeEach(() => aBreaker());
afterEach(() => breaker.stop());

describe('a breaker', () => {
  it('opens after few failures, refuses without calling, and closes after one good try', async () => {
    await fallIll();
    expect(breaker.trouble).toEqual({ since: clock.now(), mayTry: false });
    let called = false;
    expect(
      await says(async () => {
        called = true;
        return '';
      }),
    ).toMatchObject({ constructor: ProviderUnavailable, reason: 'breaker_open' });
    expect(called).toBe(false);
    await rested();
    expect(await says(well)).toBe('a QR');
    expect(breaker.trouble).toBeNull();
    expect(changes.map(({ opened, from }) => [opened, from])).toEqual([
      [true, 'seen'],
      [false, 'seen'],
    ]);
  });

  it('opens after few failures in a row, however many good answers there were just before', async () => {
    for (let call = 0; call < 200; call++) await says(well);
    await fallIll();
    expect(breaker.trouble?.mayTry).toBe(false);
  });

  it('opens again when the try fails, remembers since when, and says so again', async () => {
    await fallIll();
    const since = breaker.trouble?.since;
    await rested();
    clock.advance(10_000);
    await says(ill);
    expect(breaker.trouble).toEqual({ since, mayTry: false });
    expect(changes.map(({ opened }) => opened)).toEqual([true, true]);
  });

  it('lets one call try, and the rest wait', async () => {
    await fallIll();
    await rested();
    const answer = Promise.withResolvers<string>();
    const trying = says(() => answer.promise);
    expect(breaker.trouble?.mayTry).toBe(false);
    expect(await says(well)).toMatchObject({ reason: 'breaker_open' });
    answer.resolve('a QR');
    expect(await trying).toBe('a QR');
  });

  it.each([
    ['rejected', new ProviderRejected('validation', 'no')],
    ['misconfigured', new ProviderMisconfigured('unauthorized', 'revoked')],
    ['duplicate', new ProviderOutcomeUnknown('duplicate', 'there is one already')],
  ])('does not count "%s": that is an answer', async (_what, error) => {
    for (let call = 0; call < 20; call++) await says(() => Promise.reject(error));
    expect(breaker.trouble).toBeNull();
  });

  it('counts what nobody can tell, and a bug of the adapter, which comes out as that', async () => {
    for (let call = 0; call < quick.fewestCalls; call++)
      expect(await says(() => Promise.reject(new TypeError('bug')))).toMatchObject({
        constructor: ProviderOutcomeUnknown,
        reason: 'unexpected',
      });
    expect(breaker.trouble?.mayTry).toBe(false);
  });

  it('refuses what is over its capacity, which says nothing about the provider', async () => {
    const held = Promise.withResolvers<string>();
    const underWay = [says(() => held.promise), says(() => held.promise)];
    for (let call = 0; call < 20; call++) expect(await says(well)).toMatchObject({ constructor: ProviderUnavailable, reason: 'busy' });
    expect(breaker.trouble).toBeNull();
    held.resolve('done');
    expect(await Promise.all(underWay)).toEqual(['done', 'done']);
    expect(await says(well)).toBe('a QR');
  });

  it('gives every call a signal of its own', async () => {
    aBreaker({ limitMs: 10 });
    const late = await says(waitFor);
    expect(late).toMatchObject({ reason: 'timeout' });
    const caller = new AbortController();
    aBreaker();
    const call = breaker.run('create', caller.signal, waitFor).catch((error: unknown) => error);
    const other = breaker.run('create', never, async (signal) => {
      caller.abort();
      return signal.aborted;
    });
    expect(await call).toMatchObject({ reason: 'timeout' });
    expect(await other).toBe(false);

    function waitFor(signal?: AbortSignal): Promise<string> {
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new ProviderOutcomeUnknown('timeout', 'late'))));
    }
  });

  it('hears of other processes: opens, tries for itself, closes, and passes nothing on as its own', async () => {
    const since = new Date('2026-03-02T02:58:00Z');
    breaker.open({ since });
    expect(breaker.trouble).toEqual({ since, mayTry: false });
    breaker.close(); // not rested yet: who fails every other call would make everybody flap
    expect(await says(well)).toMatchObject({ reason: 'breaker_open' });
    await rested();
    breaker.close();
    expect(await says(well)).toBe('a QR');
    breaker.open();
    await rested();
    await says(well);
    expect(changes.map(({ opened, from }) => [opened, from])).toEqual([
      [true, 'told'],
      [false, 'told'],
      [true, 'told'],
      [false, 'seen'],
    ]);
  });

  it('stays away as long as the provider asks, from the first time it asks', async () => {
    await says(() => Promise.reject(new ProviderUnavailable('rate_limited', 'not sent', { retryAfterMs: 60_000 })));
    expect(await says(well)).toMatchObject({ reason: 'breaker_open' });
    expect(changes).toMatchObject([{ opened: true, until: new Date(clock.now().getTime() + 60_000) }]);
    aBreaker({ restMs: 60_000 });
    await says(() => Promise.reject(new ProviderUnavailable('rate_limited', 'not sent', { retryAfterMs: 20 })));
    await rested();
    expect(await says(well)).toBe('a QR');
  });

  it('says when a provider refuses our key, which opens nothing', async () => {
    const refusals: unknown[] = [];
    breaker.onRefusal((refusal) => refusals.push(refusal));
    await says(() => Promise.reject(new ProviderMisconfigured('unauthorized', 'revoked')));
    expect(refusals).toEqual([{ account: 'midtrans/default', reason: 'unauthorized', at: clock.now() }]);
    expect(breaker.trouble).toBeNull();
  });

  it('is measured', async () => {
    await says(well);
    await fallIll();
    await says(well);
    const text = await registry.metrics();
    expect(text).toContain('gateway_breaker_state{provider="midtrans",account="default",kind="create"} 2');
    expect(text).toContain('gateway_provider_calls_total{provider="midtrans",account="default",operation="create",outcome="ok"} 1');
    expect(text).toContain(
      'gateway_provider_calls_total{provider="midtrans",account="default",operation="create",outcome="breaker_open"} 2',
    );
    expect(text).toContain('gateway_provider_call_seconds_count{provider="midtrans",account="default",operation="create"} 4');
  });
});
