import { Registry } from 'prom-client';
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
  while (breaker.opened) await new Promise((turn) => setTimeout(turn, 5));
}

beforeEach(() => aBreaker());
afterEach(() => breaker.stop());

describe('a breaker', () => {
  it('opens after few failures, refuses without calling, and closes after one good try', async () => {
    await fallIll();
    expect(breaker.opened).toBe(true);
    expect(breaker.openedAt).toEqual(clock.now());
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
    expect(breaker.openedAt).toBeNull();
    expect(changes.map(({ opened, from }) => [opened, from])).toEqual([
      [true, 'seen'],
      [false, 'seen'],
    ]);
  });

  it('opens again when the try fails, remembers since when, and says so again', async () => {
    await fallIll();
    const since = breaker.openedAt;
    await rested();
    clock.advance(10_000);
    await says(ill);
    expect(breaker.opened).toBe(true);
    expect(breaker.openedAt).toEqual(since);
    expect(changes.map(({ opened }) => opened)).toEqual([true, true]);
  });

  it('lets one call try, and the rest wait', async () => {
    await fallIll();
    await rested();
    const answer = Promise.withResolvers<string>();
    const trying = says(() => answer.promise);
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
    expect(breaker.opened).toBe(false);
  });

  it('counts what nobody can tell, and a bug of the adapter, which comes out as that', async () => {
    for (let call = 0; call < quick.fewestCalls; call++)
      expect(await says(() => Promise.reject(new TypeError('bug')))).toMatchObject({
        constructor: ProviderOutcomeUnknown,
        reason: 'unexpected',
      });
    expect(breaker.opened).toBe(true);
  });

  it('refuses what is over its capacity, which says nothing about the provider', async () => {
    const held = Promise.withResolvers<string>();
    const underWay = [says(() => held.promise), says(() => held.promise)];
    for (let call = 0; call < 20; call++) expect(await says(well)).toMatchObject({ constructor: ProviderUnavailable, reason: 'busy' });
    expect(breaker.opened).toBe(false);
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
    breaker.open();
    expect(await says(well)).toMatchObject({ reason: 'breaker_open' });
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
