import http from 'node:http';
import { type HttpResult, type Json, type Merchant, openMerchant, requestBody, until } from '../test/merchant.ts';
import { type Provider, type ProviderCalls, providerCalls, providers } from '../test/provider-calls.ts';
import { rawRequest } from '../test/raw-request.ts';
import type { FaultName } from './faults.ts';

let merchant: Merchant;
let create: ProviderCalls['create'];
let status: ProviderCalls['status'];
let cancel: ProviderCalls['cancel'];
beforeAll(async () => {
  merchant = await openMerchant();
  ({ create, status, cancel } = providerCalls(merchant));
});
afterEach(() => merchant.simulator.controls.reset());
afterAll(() => merchant.stop());

const addFault = (provider: Provider, fault: FaultName, more: Json = {}) =>
  merchant.simulator.controls.addFault(provider, { operation: 'create', fault, ...more });
const exists = (): boolean => merchant.simulator.book.find('REF-1') !== undefined;
const lastCall = () => merchant.simulator.callLog.list({}).at(-1);

describe.each(providers)('a fault at %s', (provider) => {
  it.each(['http_500', 'http_502_html', 'rate_limited', 'unauthorized'] as const)('%s prevents the call', async (fault) => {
    addFault(provider, fault);
    const answer = await create(provider);
    expect(answer.status).toBe({ http_500: 500, http_502_html: 502, rate_limited: 429, unauthorized: 401 }[fault]);
    expect(exists()).toBe(false);
    expect(lastCall()).toMatchObject({ operation: 'create', reference: 'REF-1', fault });
    expect((await create(provider)).status).toBeLessThan(300);
  });

  it('http_502_html answers an HTML page, not JSON', async () => {
    addFault(provider, 'http_502_html');
    const { headers, text } = await create(provider);
    expect(headers['content-type']).toBe('text/html');
    expect(text).toContain('502 Bad Gateway');
  });

  it('rate_limited says when to retry', async () => {
    addFault(provider, 'rate_limited', { delay_ms: 7_000 });
    const { headers } = await create(provider);
    expect(headers['retry-after'] ?? headers['rate-limit-reset']).toMatch(/^7(\.000)?$/);
  });

  it('refuse with a number of times resets the connection before the request is read', async () => {
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
    const stopped = expect(waiting).rejects.toThrow(); // when its connection is closed
    abortRequests();
    await stopped;
  });

  it('reset_after_effect carries the call out and resets the connection', async () => {
    addFault(provider, 'reset_after_effect');
    await expect(create(provider)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(exists()).toBe(true);
    expect(merchant.simulator.controls.charge('REF-1').calls).toMatchObject([{ outcome: 'reset', http_status: null }]);
  });

  it('http_500_after_effect carries the call out and answers 500', async () => {
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
    addFault(provider, fault, { delay_ms: 300 });
    const started = performance.now();
    let hasAnswered = false;
    const waiting = create(provider).finally(() => {
      hasAnswered = true;
    });
    await until(exists);
    expect(hasAnswered).toBe(false);
    const { text } = await waiting;
    expect(performance.now() - started).toBeGreaterThanOrEqual(295);
    expect(JSON.parse(text)).toMatchObject({});
  });

  it('rejected refuses the charge: it exists, and it cannot be paid', async () => {
    addFault(provider, 'rejected');
    const { body } = await create(provider);
    expect(body).toMatchObject(provider === 'midtrans' ? { status_code: '202', transaction_status: 'deny' } : { status: 'FAILED' });
    expect(JSON.stringify(body)).not.toContain('000201');
    expect((await merchant.control('GET', '/charges?reference=REF-1')).body.charges).toMatchObject([{ status: 'failed', qr_string: null }]);
    expect((await merchant.control('POST', '/charges/REF-1/pay')).status).toBe(409);
    expect((await create(provider)).status).toBeLessThan(300);
  });

  it('duplicate carries the call out and reports a duplicate', async () => {
    addFault(provider, 'duplicate');
    const answer = await create(provider);
    expect(provider === 'midtrans' ? answer.body.status_code : answer.status).toEqual(provider === 'midtrans' ? '406' : 409);
    expect(exists()).toBe(true);
  });

  it('wrong_amount_qr answers a QR with a valid checksum and another amount', async () => {
    addFault(provider, 'wrong_amount_qr');
    const { text } = await create(provider);
    expect(text).toContain(provider === 'midtrans' ? '5409150001.00' : '5406150001');
    expect(merchant.simulator.controls.charge('REF-1').amount).toBe(150_000);
  });

  it('no_qr answers neither a QR text nor a link to a picture', async () => {
    addFault(provider, 'no_qr');
    const { status: http, body } = await create(provider);
    expect(http).toBeLessThan(300);
    expect(body).not.toHaveProperty('qr_string');
    expect(body.actions ?? []).toEqual([]);
  });

  it('lag answers an old status: the charge does not exist yet', async () => {
    await create(provider);
    addFault(provider, 'lag', { operation: 'status', delay_ms: 3_600_000 });
    const early = await status(provider);
    expect(early.body).toMatchObject(provider === 'midtrans' ? { status_code: '404' } : { error_code: 'DATA_NOT_FOUND' });
  });

  it('lag answers an old status: unpaid, although the charge is paid', async () => {
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

  it('of cancel may answer an error although the charge is cancelled', async () => {
    await create(provider);
    addFault(provider, 'http_500_after_effect', { operation: 'cancel' });
    expect((await cancel(provider)).status).toBe(500);
    expect((await merchant.control('GET', '/charges?reference=REF-1')).body.charges).toMatchObject([{ status: 'cancelled' }]);
  });

  it('of cancel or status may refuse the call', async () => {
    await create(provider);
    addFault(provider, 'rejected', { operation: 'any', times: 2 });
    const refusal = await cancel(provider);
    expect(refusal.body).toMatchObject(provider === 'midtrans' ? { status_code: '412' } : { error_code: 'INELIGIBLE_TRANSACTION_STATUS' });
    const unknown = await status(provider);
    expect(unknown.body).toMatchObject(provider === 'midtrans' ? { status_code: '404' } : { error_code: 'DATA_NOT_FOUND' });
    expect((await merchant.control('GET', '/charges?reference=REF-1')).body.charges).toMatchObject([{ status: 'pending' }]);
  });

  it('is recorded in the calls of its charge, whether the call was carried out or not', async () => {
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

  it('is applied as many times as its rule says, or until it is cleared', async () => {
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

  it('is applied to its own operation and account only, and never at the other provider', async () => {
    addFault(provider, 'http_500', { operation: 'refund', times: null });
    addFault(provider, 'http_500', { account: 'outlet-2', times: null });
    expect((await create(provider)).status).toBeLessThan(300);
    expect((await create(provider === 'midtrans' ? 'xendit' : 'midtrans', 'REF-2')).status).toBeLessThan(300);
  });
});

describe('a malformed request', () => {
  it('does not stop the simulator', async () => {
    for (const path of ['//', '/v2/%zz/status', '/?%', '/midtrans//']) {
      expect(await rawRequest(merchant.simulator.ports.midtrans, path)).toContain('HTTP/1.1');
    }
    const metadata = { k: { toString: 1 } };
    await create('midtrans', 'REF-1');
    await merchant.xendit('POST', '/v3/payment_requests', requestBody('REF-2', 1, { metadata })).catch(() => 'cut off');
    expect((await status('midtrans')).status).toBe(200);
  });
});

/** Closes the caller's connections, as its timeout would. */
function abortRequests(): void {
  for (const sockets of Object.values(http.globalAgent.sockets)) for (const socket of sockets ?? []) socket.destroy();
}

it.each(providers)('%s states its own time at its base address', async (provider) => {
  const { simulator } = merchant;
  simulator.clock.advance(600_000);
  const { headers } = await fetch(`${simulator.url}/${provider}`);
  expect(Math.abs(Date.parse(headers.get('date') ?? '') - simulator.clock.now())).toBeLessThan(300_000);
});
