import { chargeBody, type HttpResult, type Merchant, openMerchant, until } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
});
afterAll(() => merchant.stop());

const charge = (orderId: string, key: string, amount = 150_000): Promise<HttpResult> =>
  merchant.midtrans('POST', '/v2/charge', chargeBody(orderId, amount), { 'idempotency-key': key });

describe('an Idempotency-Key', () => {
  it('repeats the first successful answer to every later request', async () => {
    const first = await charge('ORD-1', 'key-1');
    expect((await charge('ORD-2', 'key-1', 9)).text).toBe(first.text);
    expect(merchant.simulator.book.size).toBe(1);
  });

  it('counts for all endpoints', async () => {
    const first = await charge('ORD-1', 'key-1');
    const cancel = await merchant.midtrans('POST', '/v2/ORD-1/cancel', undefined, { 'idempotency-key': 'key-1' });
    expect(cancel.text).toBe(first.text);
    expect((await merchant.midtrans('GET', '/v2/ORD-1/status')).body.transaction_status).toBe('pending');
  });

  it('is forgotten after five minutes: the request is processed again, and gets 406', async () => {
    await charge('ORD-1', 'key-1');
    merchant.simulator.clock.advance(5 * 60_000);
    expect((await charge('ORD-1', 'key-1')).body.status_code).toBe('406');
  });

  it('stores no failure', async () => {
    expect((await charge('ORD-1', 'key-1', 0)).body.status_code).toBe('400');
    expect((await charge('ORD-1', 'key-1')).body.status_code).toBe('201');
  });

  it('of more than 46 characters is ignored', async () => {
    await charge('ORD-1', 'k'.repeat(46));
    expect((await charge('ORD-1', 'k'.repeat(46))).body.status_code).toBe('201');
    await charge('ORD-2', 'k'.repeat(47));
    expect((await charge('ORD-2', 'k'.repeat(47))).body.status_code).toBe('406');
  });

  it('gets HTTP 202 while the first call is being processed, and its answer afterwards', async () => {
    merchant.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'slow', delay_ms: 200 });
    const first = charge('ORD-1', 'key-1');
    await until(() => merchant.simulator.book.size === 1);
    expect((await charge('ORD-1', 'key-1')).status).toBe(202);
    const { text } = await first;
    expect((await charge('ORD-1', 'key-1')).text).toBe(text);
  });

  it.each(['reset_after_effect', 'http_500_after_effect'] as const)(
    'repeats the QR that the caller did not receive because of %s',
    async (fault) => {
      merchant.simulator.controls.addFault('midtrans', { operation: 'create', fault });
      await charge('ORD-1', 'key-1').catch(() => {});
      const repeat = await charge('ORD-1', 'key-1');
      expect(repeat.body).toMatchObject({ status_code: '201', order_id: 'ORD-1', qr_string: expect.any(String) });
      expect(merchant.simulator.book.size).toBe(1);
    },
  );
});
