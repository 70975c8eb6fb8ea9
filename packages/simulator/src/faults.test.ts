import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import {
  about,
  basic,
  call,
  chargeBody,
  type HttpResult,
  type Json,
  type Merchant,
  openMerchant,
  requestBody,
  until,
} from '../test/merchant.ts';
import { inventedKeys } from './account-options.ts';
import type { FaultName } from './faults.ts';
import { Faults, faultRule } from './faults.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
  merchant.inbox.received.length = 0;
});
afterAll(() => merchant.stop());

const providers = ['midtrans', 'xendit'] as const;
type Provider = (typeof providers)[number];

/** One charge of either provider, under its reference. */
const create = (provider: Provider, reference = 'REF-1'): Promise<HttpResult> =>
  provider === 'midtrans'
    ? merchant.midtrans('POST', '/v2/charge', chargeBody(reference, 150_000))
    : merchant.xendit('POST', '/v3/payment_requests', requestBody(reference, 150_000));

const idOf = (): string => merchant.simulator.controls.charge('REF-1').id;
const status = (provider: Provider): Promise<HttpResult> =>
  provider === 'midtrans' ? merchant.midtrans('GET', `/v2/${idOf()}/status`) : merchant.xendit('GET', `/v3/payment_requests/${idOf()}`);
const cancel = (provider: Provider): Promise<HttpResult> =>
  provider === 'midtrans'
    ? merchant.midtrans('POST', `/v2/${idOf()}/cancel`)
    : merchant.xendit('POST', `/v3/payment_requests/${idOf()}/cancel`);

const addFault = (provider: Provider, fault: FaultName, more: Json = {}) =>
  merchant.simulator.controls.addFault(provider, { operation: 'create', fault, ...more });
const exists = (): boolean => merchant.simulator.book.find('REF-1') !== undefined;
const lastCall = () => merchant.simulator.callLog.list({}).at(-1);

describe.each(providers)('a fault at %s', (provider) => {
  it.each(['http_500', 'http_502_html', 'rate_limited', 'unauthorized'] as const)(
    '%s keeps the call from being carried out',
    async (fault) => {
      addFault(provider, fault);
      const answer = await create(provider);
      expect(answer.status).toBe({ http_500: 500, http_502_html: 502, rate_limited: 429, unauthorized: 401 }[fault]);
      expect(exists()).toBe(false);
      expect(lastCall()).toMatchObject({ operation: 'create', reference: 'REF-1', fault });
      expect((await create(provider)).status).toBeLessThan(300);
    },
  );

  it('http_502_html is a page, not JSON', async () => {
    addFault(provider, 'http_502_html');
    const { headers, text } = await create(provider);
    expect(headers['content-type']).toBe('text/html');
    expect(text).toContain('502 Bad Gateway');
  });

  it('rate_limited says when to come back', async () => {
    addFault(provider, 'rate_limited', { delay_ms: 7_000 });
    const { headers } = await create(provider);
    expect(headers['retry-after'] ?? headers['rate-limit-reset']).toMatch(/^7(\.000)?$/);
  });

  it('refuse, counted, resets the connection without reading the request', async () => {
    addFault(provider, 'refuse');
    await expect(create(provider)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(exists()).toBe(false);
    expect(lastCall()).toMatchObject({ outcome: 'refused', http_status: null, fault: 'refuse' });
  });

  it.each([
    ['hang', false],
    ['hang_after_effect', true],
  ] as const)('%s never answers; carried out: %s', async (fault, carriedOut) => {
    addFault(provider, fault);
    const waiting = create(provider);
    await until(() => lastCall()?.reference === 'REF-1');
    expect(exists()).toBe(carriedOut);
    expect(lastCall()).toMatchObject({ outcome: 'no_answer', http_status: null });
    const stopped = expect(waiting).rejects.toThrow(); // when its connection is taken away
    abortRequests();
    await stopped;
  });

  it('reset_after_effect carries the call out and takes the connection away', async () => {
    addFault(provider, 'reset_after_effect');
    await expect(create(provider)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(exists()).toBe(true);
    expect(merchant.simulator.controls.charge('REF-1').calls).toMatchObject([{ outcome: 'reset', http_status: null }]);
  });

  it('http_500_after_effect carries the call out and says 500', async () => {
    addFault(provider, 'http_500_after_effect');
    expect((await create(provider)).status).toBe(500);
    expect(exists()).toBe(true);
  });

  it('truncated carries the call out, and its JSON ends in the middle', async () => {
    addFault(provider, 'truncated');
    const { status: http, text } = await create(provider);
    expect(http).toBeLessThan(300);
    expect(text.length).toBeGreaterThan(100);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(exists()).toBe(true);
  });

  it.each(['slow', 'slow_drip'] as const)('%s carries the call out at once and answers late', async (fault) => {
    addFault(provider, fault, { delay_ms: 100 });
    const started = performance.now();
    const waiting = create(provider);
    await until(exists);
    expect(performance.now() - started).toBeLessThan(100);
    const { text } = await waiting;
    expect(performance.now() - started).toBeGreaterThanOrEqual(95);
    expect(JSON.parse(text)).toMatchObject({});
  });

  it('rejected is a clear no: a charge exists, nothing is payable', async () => {
    addFault(provider, 'rejected');
    const { body } = await create(provider);
    expect(body).toMatchObject(provider === 'midtrans' ? { status_code: '202', transaction_status: 'deny' } : { status: 'FAILED' });
    expect(JSON.stringify(body)).not.toContain('000201');
    expect((await merchant.control('GET', '/charges?reference=REF-1')).body.charges).toMatchObject([{ status: 'failed', qr_string: null }]);
    expect((await merchant.control('POST', '/charges/REF-1/pay')).status).toBe(409);
    expect((await create(provider)).status).toBeLessThan(300);
  });

  it('duplicate carries the call out and says that it was there before', async () => {
    addFault(provider, 'duplicate');
    const answer = await create(provider);
    expect(provider === 'midtrans' ? answer.body.status_code : answer.status).toEqual(provider === 'midtrans' ? '406' : 409);
    expect(exists()).toBe(true);
  });

  it('wrong_amount_qr shows a QR whose checksum holds, for another amount', async () => {
    addFault(provider, 'wrong_amount_qr');
    const { text } = await create(provider);
    expect(text).toContain(provider === 'midtrans' ? '5409150001.00' : '5406150001');
    expect(merchant.simulator.controls.charge('REF-1').amount).toBe(150_000);
  });

  it('no_qr answers without any QR, by text or by link', async () => {
    addFault(provider, 'no_qr');
    const { status: http, body } = await create(provider);
    expect(http).toBeLessThan(300);
    expect(body).not.toHaveProperty('qr_string');
    expect(body.actions ?? []).toEqual([]);
  });

  it('lag answers status as it was a while ago: not there yet', async () => {
    await create(provider);
    addFault(provider, 'lag', { operation: 'status', delay_ms: 3_600_000 });
    const early = await status(provider);
    expect(early.body).toMatchObject(provider === 'midtrans' ? { status_code: '404' } : { error_code: 'DATA_NOT_FOUND' });
  });

  it('lag answers status as it was a while ago: unpaid, though it is paid', async () => {
    const lagMs = 400;
    const statusText = (answer: HttpResult) => answer.body.transaction_status ?? answer.body.status;
    await create(provider);
    const madeAt = Date.now();
    await until(() => Date.now() - madeAt > lagMs);
    addFault(provider, 'lag', { operation: 'status', times: null, delay_ms: lagMs });
    merchant.simulator.controls.pay('REF-1');
    expect(statusText(await status(provider))).toBe(provider === 'midtrans' ? 'pending' : 'REQUIRES_ACTION');
    let late = await status(provider);
    while (statusText(late) === 'pending' || statusText(late) === 'REQUIRES_ACTION') late = await status(provider);
    expect(statusText(late)).toBe(provider === 'midtrans' ? 'settlement' : 'SUCCEEDED');
  });

  it('on cancel can hide that it was cancelled', async () => {
    await create(provider);
    addFault(provider, 'http_500_after_effect', { operation: 'cancel' });
    expect((await cancel(provider)).status).toBe(500);
    expect((await merchant.control('GET', '/charges?reference=REF-1')).body.charges).toMatchObject([{ status: 'cancelled' }]);
  });

  it('on cancel or status can be a clear no', async () => {
    await create(provider);
    addFault(provider, 'rejected', { operation: 'any', times: 2 });
    const refusal = await cancel(provider);
    expect(refusal.body).toMatchObject(provider === 'midtrans' ? { status_code: '412' } : { error_code: 'INELIGIBLE_TRANSACTION_STATUS' });
    const unknown = await status(provider);
    expect(unknown.body).toMatchObject(provider === 'midtrans' ? { status_code: '404' } : { error_code: 'DATA_NOT_FOUND' });
    expect((await merchant.control('GET', '/charges?reference=REF-1')).body.charges).toMatchObject([{ status: 'pending' }]);
  });

  it('is recorded in the calls of the charge that it applied to, carried out or not', async () => {
    await create(provider);
    addFault(provider, 'http_500', { operation: 'status' });
    addFault(provider, 'rate_limited', { operation: 'cancel' });
    await status(provider);
    await cancel(provider);
    addFault(provider, 'refuse', { operation: 'status' });
    await expect(status(provider)).rejects.toThrow();
    expect(merchant.simulator.controls.charge('REF-1').calls).toMatchObject([
      { operation: 'create', fault: null },
      { operation: 'status', fault: 'http_500', reference: 'REF-1', http_status: 500 },
      { operation: 'cancel', fault: 'rate_limited', reference: 'REF-1', http_status: 429 },
      { operation: 'status', fault: 'refuse', reference: 'REF-1', outcome: 'refused', http_status: null },
    ]);
  });

  it('strikes so many times, then no more; or until it is taken away', async () => {
    addFault(provider, 'http_500', { times: 2 });
    const statuses = [await create(provider, 'A'), await create(provider, 'B'), await create(provider, 'C')].map(
      (answer) => answer.status >= 500,
    );
    expect(statuses).toEqual([true, true, false]);
    addFault(provider, 'http_500', { times: null });
    for (let i = 0; i < 5; i++) expect((await create(provider, 'D')).status).toBe(500);
    merchant.simulator.controls.clearFaults(provider);
    expect((await create(provider, 'D')).status).toBeLessThan(300);
  });

  it('strikes its own operation and its own account only, and the other provider never', async () => {
    addFault(provider, 'http_500', { operation: 'refund', times: null });
    addFault(provider, 'http_500', { account: 'outlet-2', times: null });
    expect((await create(provider)).status).toBeLessThan(300);
    expect((await create(provider === 'midtrans' ? 'xendit' : 'midtrans', 'REF-2')).status).toBeLessThan(300);
  });

  it('refuse, standing, closes the own port: ECONNREFUSED, until it is taken away', async () => {
    const connect = () => rawRequest(provider, '/anything');
    expect(await connect()).toContain('HTTP/1.1');
    addFault(provider, 'refuse', { times: null });
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(create(provider)).rejects.toMatchObject({ code: 'ECONNRESET' }); // the shared port cannot close for one provider
    expect(exists()).toBe(false);
    merchant.simulator.controls.clearFaults(provider);
    expect(await eventually(connect)).toContain('HTTP/1.1');
  });

  it('in TLS is what https:// meets: the handshake fails', async () => {
    const socket = tls.connect({ host: '127.0.0.1', port: merchant.simulator.ports[provider], rejectUnauthorized: false });
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.on('error', resolve));
    expect(error.code).toMatch(/^ERR_SSL_/);
  });
});

describe('a request that makes no sense', () => {
  it('does not take the simulator down', async () => {
    for (const path of ['//', '/v2/%zz/status', '/?%', '/midtrans//']) {
      expect(await rawRequest('midtrans', path)).toContain('HTTP/1.1');
    }
    const metadata = { k: { toString: 1 } };
    await create('midtrans', 'REF-1');
    await merchant.xendit('POST', '/v3/payment_requests', requestBody('REF-2', 1, { metadata })).catch(() => 'cut off');
    expect((await status('midtrans')).status).toBe(200);
  });
});

describe('a provider on its own port', () => {
  it('is found with and without its prefix, and names that address in its links', async () => {
    const headers = { authorization: basic(inventedKeys.midtransServerKey), accept: 'application/json' };
    for (const [reference, base] of [
      ['A', merchant.simulator.urls.midtrans],
      ['B', `${merchant.simulator.urls.midtrans}/midtrans`],
    ] as const) {
      const { body } = await call('POST', `${base}/v2/charge`, chargeBody(reference, 1), headers);
      const { body: picture, status: http } = await call('GET', (body.actions as { url: string }[])[0]?.url ?? '', undefined, {});
      expect([http, picture]).toEqual([200, {}]);
      expect((body.actions as { url: string }[])[0]?.url).toContain(`${base}/v2/qris/`);
    }
  });

  it('lets go of idle connections when it closes', async () => {
    const socket = net.connect(merchant.simulator.ports.midtrans, '127.0.0.1');
    socket.write('GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    merchant.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'refuse', times: null });
    socket.resume();
    await ended;
  });
});

describe('a fault with a probability', () => {
  it('strikes about that often, and the same calls again in another run', () => {
    const run = () => {
      const dice = [0.1, 0.9, 0.3, 0.7];
      const faults = new Faults(() => dice.shift() ?? 1);
      faults.add(faultRule.parse({ fault: 'http_500', times: null, probability: 0.5 }));
      return Array.from({ length: 4 }, () => faults.match('create', null) !== null);
    };
    expect(run()).toEqual([true, false, true, false]);
  });

  it('is refused when it makes no sense', () => {
    expect(() => faultRule.parse({ fault: 'lag', operation: 'create' })).toThrow(/does not apply/);
    expect(() => faultRule.parse({ fault: 'no_qr', operation: 'refund' })).toThrow(/does not apply/);
    expect(() => faultRule.parse({ fault: 'explode' })).toThrow();
    expect(() => faultRule.parse({ fault: 'slow', times: 0 })).toThrow();
  });
});

describe('an unreliable webhook delivery', () => {
  const setDelivery = (rules: Json) => merchant.control('POST', '/midtrans/webhooks', rules);

  it('is lost, and the book says so', async () => {
    await setDelivery({ drop: 1 });
    await create('midtrans');
    expect(merchant.simulator.controls.charge('REF-1').notices).toMatchObject([{ event: 'pending', fate: 'dropped', attempts: [] }]);
  });

  it('arrives twice', async () => {
    await setDelivery({ duplicate: 1 });
    await create('midtrans');
    const [one, other] = await merchant.inbox.deliveries(2);
    expect(one?.body).toEqual(other?.body);
  });

  it('arrives badly signed: the signature of Midtrans, the token of Xendit', async () => {
    await setDelivery({ bad_signature: 1 });
    await merchant.control('POST', '/xendit/webhooks', { bad_signature: 1 });
    await create('midtrans');
    await create('xendit', 'REF-2');
    merchant.simulator.controls.pay('REF-2');
    const fromMidtrans = await merchant.inbox.first(about('pending'));
    await setDelivery({});
    merchant.simulator.controls.pay('REF-1');
    await merchant.inbox.first(about('settlement'));
    expect(fromMidtrans.body.signature_key).toMatch(/^[0-9a-f]{128}$/);
    expect((await merchant.inbox.first(about('payment.capture'))).headers['x-callback-token']).not.toBe(inventedKeys.xenditCallbackToken);
  });

  it('arrives late', async () => {
    await setDelivery({ delay_ms: [50, 60] });
    const started = performance.now();
    await create('midtrans');
    await merchant.inbox.deliveries(1);
    expect(performance.now() - started).toBeGreaterThanOrEqual(48);
  });

  it('arrives in another order, the same one for the same seed', async () => {
    const order = async () => {
      merchant.inbox.received.length = 0;
      await setDelivery({ shuffle: true, seed: 5 });
      for (let i = 0; i < 8; i++) await create('midtrans', `REF-${i}`);
      const arrived = (await merchant.inbox.deliveries(8)).map(({ body }) => body.order_id);
      merchant.simulator.controls.reset();
      return arrived;
    };
    const sent = Array.from({ length: 8 }, (_, i) => `REF-${i}`);
    const arrived = await order();
    expect(arrived).not.toEqual(sent);
    expect(arrived.toSorted()).toEqual(sent);
  });
});

/** The caller has had enough. */
function abortRequests(): void {
  for (const sockets of Object.values(http.globalAgent.sockets)) for (const socket of sockets ?? []) socket.destroy();
}

function rawRequest(provider: Provider, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(merchant.simulator.ports[provider], '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  });
}

/** Tries until it does not fail. */
async function eventually<Result>(act: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await act();
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
