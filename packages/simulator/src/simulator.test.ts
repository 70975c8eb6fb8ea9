import { Agent, get as httpGet } from 'node:http';
import { basic, call, chargeBody, openMerchant } from '../test/merchant.ts';
import { startSimulator } from './index.ts';

describe('simulators in one process', () => {
  it('share nothing', async () => {
    const [one, other] = [await openMerchant(), await openMerchant()];
    await one.charge('ORD-1');
    expect((await other.midtrans('GET', '/v2/ORD-1/status')).body.status_code).toBe('404');
    await Promise.all([one.stop(), other.stop()]);
  });

  it('keep several accounts apart, and send each one’s webhooks to its own address', async () => {
    const merchant = await openMerchant();
    const address = merchant.simulator.fakes.midtrans.accounts()[0]?.notification_url ?? '';
    const chain = await startSimulator({
      midtrans: [
        { id: 'jakarta', serverKey: 'SB-Mid-server-JKT', notificationUrl: `${address}/jakarta` },
        { id: 'bandung', serverKey: 'SB-Mid-server-BDG', notificationUrl: `${address}/bandung` },
      ],
    });
    const headers = { authorization: basic('SB-Mid-server-BDG'), accept: 'application/json' };
    await call('POST', `${chain.urls.midtrans}/v2/charge`, chargeBody('ORD-1', 1), headers);
    expect((await merchant.inbox.first(() => true)).path).toBe('/midtrans/bandung');
    expect(chain.controls.charge('ORD-1').account).toBe('bandung');
    await Promise.all([chain.stop(), merchant.stop()]);
  });

  it('log that the charge book dropped its oldest charge', async () => {
    const logged: string[] = [];
    const merchant = await openMerchant({ maxCharges: 2, log: (message) => logged.push(message) });
    for (const orderId of ['A', 'B', 'C', 'D']) await merchant.charge(orderId);
    expect(logged).toEqual(['charge book full (2 charges): 1 oldest dropped so far']);
    expect((await merchant.midtrans('GET', '/v2/A/status')).body.status_code).toBe('404');
    expect((await merchant.control('GET', '/')).body.charges).toEqual({ kept: 2, dropped: 2 });
    await merchant.stop();
  });

  it('add a latency to each answer of a provider', async () => {
    const merchant = await openMerchant({ latencyMs: 60 });
    const started = performance.now();
    await merchant.charge('ORD-1');
    expect(performance.now() - started).toBeGreaterThanOrEqual(58);
    await merchant.stop();
  });

  it('fail to start on a port that is taken, and keep no other port open', async () => {
    const simulator = await startSimulator();
    await expect(startSimulator({ port: simulator.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await simulator.stop();
  });
});

describe('a connection to the shared port', () => {
  it('is kept open for the next call', async () => {
    const merchant = await openMerchant();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const localPort = () =>
      new Promise((resolve) => {
        httpGet(`${merchant.simulator.url}/midtrans/v2/x/status`, { agent }, (response) => {
          const { localPort: port } = response.socket;
          response.resume().on('end', () => resolve(port));
        });
      });
    expect(await localPort()).toBe(await localPort());
    agent.destroy();
    await merchant.stop();
  });
});
