import { eventually } from '@gateway/testing/eventually';
import { Registry } from '@prometheus-io/client';
import { contractRequest, never, outcomeOf } from '../../test/provider/contract/requests.ts';
import { logLines } from '../../test/provider/log-lines.ts';
import { json, type ScriptedServer, startScriptedServer } from '../../test/provider/scripted-server.ts';
import { plusMs, systemClock } from '../runtime/index.ts';
import { type Breakers, createBreakers } from './circuit-breaking-provider.ts';
import { createProviders, type Providers, providerKind, providerNames, UnknownProvider } from './provider-factory.ts';
import type { ProviderAccount } from './qris-provider.ts';

let server: ScriptedServer;
let breakers: Breakers;
let providers: Providers;
const account = (changes: Partial<ProviderAccount> = {}): ProviderAccount => ({
  provider: 'midtrans',
  id: 'default',
  baseUrl: server.url,
  mode: 'test',
  secretKey: 'key',
  webhookSecrets: ['key'],
  ...changes,
});

const tools = { log: logLines().log, clock: systemClock };
beforeEach(async () => {
  server = await startScriptedServer();
  breakers = createBreakers({ ...tools, registry: new Registry() });
  providers = createProviders(tools, breakers.wrap);
});
afterEach(async () => {
  breakers.stop();
  await providers.close();
  await server.close();
});

describe('the factory', () => {
  it('knows every provider by its name, and no other', () => {
    for (const name of providerNames) expect(providerKind(name).webhookReader.read).toBeInstanceOf(Function);
    for (const name of ['doku', '', 'constructor', '__proto__']) expect(() => providerKind(name)).toThrow(UnknownProvider);
  });

  it('has one instance for each account', () => {
    expect(providers.of(account())).toBe(providers.of(account()));
    expect(providers.of(account({ id: 'jkt' }))).not.toBe(providers.of(account()));
    expect(providers.of(account({ provider: 'xendit' }))).not.toBe(providers.of(account()));
  });

  it('shares its connections between the accounts at one server, also after one of them was replaced', async () => {
    server.script = json(400, {});
    for (let n = 0; n < 20; n++) {
      await outcomeOf(providers.of(account({ id: `outlet-${n}` })).createCharge(contractRequest, never));
      providers.of(account({ id: `outlet-${n}`, secretKey: 'new' }));
    }
    expect(server.received).toHaveLength(20);
    expect(server.connections).toBeLessThanOrEqual(2); // undici uses a connection again one round of the event loop later
  });

  it('makes a new instance when the key was rotated, and the old one finishes its calls', async () => {
    const previous = providers.of(account());
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    server.script = async (socket, request) => {
      arrive();
      await released;
      json(400, {})(socket, request);
    };
    const inFlight = outcomeOf(previous.createCharge(contractRequest, never));
    await arrived;
    expect(providers.of(account({ secretKey: 'new' }))).not.toBe(previous);
    release();
    expect(await inFlight).toMatchObject({ reason: 'validation' });
    expect(await outcomeOf(previous.createCharge(contractRequest, never))).toMatchObject({ reason: 'closed' });
  });
});

describe('behind its breakers,', () => {
  const create = (of: ProviderAccount) => outcomeOf(providers.of(of).createCharge(contractRequest, never));

  it('an account that fails gets no more creates; lookups of its charges and other accounts still work', async () => {
    const changes: unknown[] = [];
    breakers.onChange((change) => changes.push(change));
    server.script = json(500, {});
    for (let call = 0; call < 5; call++) await create(account());
    expect(await create(account())).toMatchObject({ reason: 'breaker_open' });
    expect(breakers.openBreaker('midtrans/default')).toMatchObject({ halfOpen: false });
    expect(changes).toMatchObject([{ account: 'midtrans/default', kind: 'create', opened: true, source: 'local' }]);
    const key = { reference: contractRequest.reference, providerChargeId: null };
    expect(await outcomeOf(providers.of(account()).findCharge(key, never))).toMatchObject({ reason: 'http_500' });
    expect(await create(account({ id: 'jkt' }))).toMatchObject({ reason: 'http_500' });
  });

  it('an account that another process reported gets no creates until the reset time, also with a rotated key', async () => {
    server.script = json(400, {});
    providers.of(account());
    const resetAt = plusMs(tools.clock.now(), 200);
    breakers.applyRemote({ account: 'midtrans/default', kind: 'create', opened: true, until: resetAt });
    breakers.applyRemote({ account: 'midtrans/unknown', kind: 'create', opened: true });
    expect(await create(account())).toMatchObject({ reason: 'breaker_open' });
    expect(await create(account({ secretKey: 'new' }))).toMatchObject({ reason: 'breaker_open' });
    breakers.applyRemote({ account: 'midtrans/default', kind: 'create', opened: false }); // before the reset time
    expect(await create(account())).toMatchObject({ reason: 'breaker_open' });
    await eventually(() => breakers.openBreaker('midtrans/default')?.halfOpen);
    breakers.applyRemote({ account: 'midtrans/default', kind: 'create', opened: false });
    expect(breakers.openBreaker('midtrans/default')).toBeNull();
    expect(await create(account())).toMatchObject({ reason: 'validation' });
  });

  it('every operation reaches the provider', async () => {
    server.script = json(404, { status_code: '404' });
    const provider = providers.of(account());
    const key = { reference: contractRequest.reference, providerChargeId: null };
    const refund = { charge: key, reference: 'pos-r1', providerRefundId: null };
    expect(await provider.findCharge(key, never)).toBeNull();
    expect(await provider.cancelCharge(key, never)).toBeNull();
    expect(await provider.expireCharge(key, never)).toBeNull();
    expect(await provider.findRefund(refund, never)).toBeNull();
    expect(await outcomeOf(provider.refundCharge({ ...refund, amount: contractRequest.amount, reason: '' }, never))).toMatchObject({
      reason: 'not_found',
    });
    expect(server.received.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual([
      'GET status',
      'POST cancel',
      'POST expire',
      'GET status',
      'GET status',
      'POST refund',
    ]);
  });
});
