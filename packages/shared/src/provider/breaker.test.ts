import { eventually } from '@gateway/testing/eventually';
import { Registry } from '@prometheus-io/client';
import { logLines } from '../../test/provider/log-lines.ts';
import { manualClock, plusMs } from '../runtime/index.ts';
import { Breaker, type BreakerChange, type BreakerPolicy } from './breaker.ts';
import { createBreakerMetrics } from './breaker-metrics.ts';
import { ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from './provider-error.ts';

const never = new AbortController().signal;
const quickPolicy: BreakerPolicy = { capacity: 2, limitMs: 1_000, resetTimeoutMs: 30, minCalls: 4, windowMs: 5_000 };
const clock = manualClock(new Date('2026-03-02T03:00:00Z'));

let registry: Registry;
let breaker: Breaker;
let changes: BreakerChange[];

function aBreaker(policy: Partial<BreakerPolicy> = {}, kind: 'create' | 'other' = 'create'): Breaker {
  breaker?.stop();
  registry = new Registry();
  const tools = { log: logLines().log, clock, metrics: createBreakerMetrics(registry) };
  breaker = new Breaker({ provider: 'midtrans', id: 'default' }, kind, tools, { ...quickPolicy, ...policy });
  changes = [];
  breaker.onChange((change) => changes.push(change));
  return breaker;
}

const outcomeOf = (answer: () => Promise<string>) => breaker.run('create', never, answer).catch((error: unknown) => error);
const failing = () => Promise.reject(new ProviderUnavailable('refused', 'not sent'));
const succeeding = () => Promise.resolve('a QR');

async function failRepeatedly(): Promise<void> {
  for (let call = 0; call < quickPolicy.minCalls; call++) await outcomeOf(failing);
}
async function resetTimeoutPassed(): Promise<void> {
  await eventually(() => breaker.openBreaker?.halfOpen);
}

beforeEach(() => aBreaker());
afterEach(() => breaker.stop());

describe('a breaker', () => {
  it('is not opened by look-ups that are answered with another charge, and by such creates it is', async () => {
    const wrongCharge = () => Promise.reject(new ProviderOutcomeUnknown('wrong_charge', 'another charge'));
    aBreaker({}, 'other');
    for (let call = 0; call < 3 * quickPolicy.minCalls; call++) await outcomeOf(wrongCharge);
    expect(breaker.openBreaker).toBeNull();
    aBreaker({}, 'create');
    for (let call = 0; call < quickPolicy.minCalls; call++) await outcomeOf(wrongCharge);
    expect(breaker.openBreaker).not.toBeNull();
  });

  it('opens after few failures, refuses without calling, and closes after one successful probe', async () => {
    await failRepeatedly();
    expect(breaker.openBreaker).toEqual({ openSince: clock.now(), halfOpen: false });
    let called = false;
    expect(
      await outcomeOf(async () => {
        called = true;
        return '';
      }),
    ).toMatchObject({ constructor: ProviderUnavailable, reason: 'breaker_open' });
    expect(called).toBe(false);
    await resetTimeoutPassed();
    expect(await outcomeOf(succeeding)).toBe('a QR');
    expect(breaker.openBreaker).toBeNull();
    expect(changes.map(({ opened, source }) => [opened, source])).toEqual([
      [true, 'local'],
      [false, 'local'],
    ]);
  });

  it('opens after few failures in a row, however many successes there were just before', async () => {
    for (let call = 0; call < 200; call++) await outcomeOf(succeeding);
    await failRepeatedly();
    expect(breaker.openBreaker?.halfOpen).toBe(false);
  });

  it('opens again when the probe fails, keeps the time of its first opening, and reports it again', async () => {
    await failRepeatedly();
    const since = breaker.openBreaker?.openSince;
    await resetTimeoutPassed();
    clock.advance(10_000);
    await outcomeOf(failing);
    expect(breaker.openBreaker).toEqual({ openSince: since, halfOpen: false });
    expect(changes.map(({ opened }) => opened)).toEqual([true, true]);
  });

  it('lets one probe through and refuses the other calls', async () => {
    await failRepeatedly();
    await resetTimeoutPassed();
    const answer = Promise.withResolvers<string>();
    const probe = outcomeOf(() => answer.promise);
    expect(breaker.openBreaker?.halfOpen).toBe(false);
    expect(await outcomeOf(succeeding)).toMatchObject({ reason: 'breaker_open' });
    answer.resolve('a QR');
    expect(await probe).toBe('a QR');
  });

  it.each([
    ['rejected', new ProviderRejected('validation', 'no')],
    ['misconfigured', new ProviderMisconfigured('unauthorized', 'revoked')],
    ['duplicate', new ProviderOutcomeUnknown('duplicate', 'there is one already')],
  ])('does not count "%s", because the provider answered', async (_what, error) => {
    for (let call = 0; call < 20; call++) await outcomeOf(() => Promise.reject(error));
    expect(breaker.openBreaker).toBeNull();
  });

  it('counts an unknown outcome, and a bug in the adapter, which becomes an unknown outcome', async () => {
    for (let call = 0; call < quickPolicy.minCalls; call++)
      expect(await outcomeOf(() => Promise.reject(new TypeError('bug')))).toMatchObject({
        constructor: ProviderOutcomeUnknown,
        reason: 'unexpected',
      });
    expect(breaker.openBreaker?.halfOpen).toBe(false);
  });

  it('refuses calls above its capacity, which does not count as a failure of the provider', async () => {
    const held = Promise.withResolvers<string>();
    const inFlight = [outcomeOf(() => held.promise), outcomeOf(() => held.promise)];
    for (let call = 0; call < 20; call++)
      expect(await outcomeOf(succeeding)).toMatchObject({ constructor: ProviderUnavailable, reason: 'busy' });
    expect(breaker.openBreaker).toBeNull();
    held.resolve('done');
    expect(await Promise.all(inFlight)).toEqual(['done', 'done']);
    expect(await outcomeOf(succeeding)).toBe('a QR');
  });

  it('gives every call its own signal', async () => {
    aBreaker({ limitMs: 10 });
    const late = await outcomeOf(untilAborted);
    expect(late).toMatchObject({ reason: 'timeout' });
    const caller = new AbortController();
    aBreaker();
    const call = breaker.run('create', caller.signal, untilAborted).catch((error: unknown) => error);
    const other = breaker.run('create', never, async (signal) => {
      caller.abort();
      return signal.aborted;
    });
    expect(await call).toMatchObject({ reason: 'timeout' });
    expect(await other).toBe(false);

    function untilAborted(signal?: AbortSignal): Promise<string> {
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new ProviderOutcomeUnknown('timeout', 'late'))));
    }
  });

  it('applies reports of other processes, probes on its own, and marks the reported changes as remote', async () => {
    const since = new Date('2026-03-02T02:58:00Z');
    breaker.open({ since });
    expect(breaker.openBreaker).toEqual({ openSince: since, halfOpen: false });
    breaker.close(); // before our own reset timeout: a provider that fails every second call would open and close it repeatedly
    expect(await outcomeOf(succeeding)).toMatchObject({ reason: 'breaker_open' });
    await resetTimeoutPassed();
    breaker.close();
    expect(await outcomeOf(succeeding)).toBe('a QR');
    breaker.open();
    await resetTimeoutPassed();
    await outcomeOf(succeeding);
    expect(changes.map(({ opened, source }) => [opened, source])).toEqual([
      [true, 'remote'],
      [false, 'remote'],
      [true, 'remote'],
      [false, 'local'],
    ]);
  });

  it('opens at once when the provider asks us to wait, for as long as it asks', async () => {
    await outcomeOf(() => Promise.reject(new ProviderUnavailable('rate_limited', 'not sent', { retryAfterMs: 60_000 })));
    expect(await outcomeOf(succeeding)).toMatchObject({ reason: 'breaker_open' });
    expect(changes).toMatchObject([{ opened: true, until: plusMs(clock.now(), 60_000) }]);
    aBreaker({ resetTimeoutMs: 60_000 });
    await outcomeOf(() => Promise.reject(new ProviderUnavailable('rate_limited', 'not sent', { retryAfterMs: 20 })));
    await resetTimeoutPassed();
    expect(await outcomeOf(succeeding)).toBe('a QR');
  });

  it('reports that a provider rejects our key, and stays closed', async () => {
    const reports: unknown[] = [];
    breaker.onMisconfigured((report) => reports.push(report));
    await outcomeOf(() => Promise.reject(new ProviderMisconfigured('unauthorized', 'revoked')));
    expect(reports).toEqual([{ account: 'midtrans/default', reason: 'unauthorized', at: clock.now() }]);
    expect(breaker.openBreaker).toBeNull();
  });

  it('has metrics of its state, its calls and their duration', async () => {
    await outcomeOf(succeeding);
    await failRepeatedly();
    await outcomeOf(succeeding);
    const text = await registry.metrics();
    expect(text).toContain('gateway_breaker_state{provider="midtrans",account="default",kind="create"} 2');
    expect(text).toContain('gateway_provider_calls_total{provider="midtrans",account="default",operation="create",outcome="ok"} 1');
    expect(text).toContain(
      'gateway_provider_calls_total{provider="midtrans",account="default",operation="create",outcome="breaker_open"} 2',
    );
    expect(text).toContain('gateway_provider_call_seconds_count{provider="midtrans",account="default",operation="create"} 4');
  });
});
