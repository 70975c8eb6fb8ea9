import net from 'node:net';
import tls from 'node:tls';
import { basic, call, chargeBody, type Merchant, openMerchant } from '../test/merchant.ts';
import { type ProviderCalls, providerCalls, providers } from '../test/provider-calls.ts';
import { rawRequest } from '../test/raw-request.ts';
import { inventedKeys } from './account-options.ts';

let merchant: Merchant;
let create: ProviderCalls['create'];
beforeAll(async () => {
  merchant = await openMerchant();
  ({ create } = providerCalls(merchant));
});
afterEach(() => merchant.simulator.controls.reset());
afterAll(() => merchant.stop());

describe.each(providers)('the own port of %s', (provider) => {
  it('is closed while an unlimited refuse is in force: the caller gets ECONNREFUSED until the fault is cleared', async () => {
    const connect = () => rawRequest(merchant.simulator.ports[provider], '/anything');
    expect(await connect()).toContain('HTTP/1.1');
    merchant.simulator.controls.addFault(provider, { operation: 'create', fault: 'refuse', times: null });
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(create(provider)).rejects.toMatchObject({ code: 'ECONNRESET' }); // the shared port cannot close for one provider
    expect(merchant.simulator.book.size).toBe(0);
    merchant.simulator.controls.clearFaults(provider);
    expect(await eventually(connect)).toContain('HTTP/1.1');
  });

  it('fails every TLS handshake', async () => {
    // A gateway meets this with an https:// base URL.
    const socket = tls.connect({ host: '127.0.0.1', port: merchant.simulator.ports[provider], rejectUnauthorized: false });
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.on('error', resolve));
    expect(error.code).toMatch(/^ERR_SSL_/);
  });
});

describe('the own port of a provider', () => {
  it('is found with and without its prefix, and links to the address that the caller used', async () => {
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

  it('closes idle connections when it closes', async () => {
    const socket = net.connect(merchant.simulator.ports.midtrans, '127.0.0.1');
    socket.write('GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    merchant.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'refuse', times: null });
    socket.resume();
    await ended;
  });
});

/** Repeats the action until it succeeds. */
async function eventually<Result>(act: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await act();
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
