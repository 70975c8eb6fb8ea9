import { chargeBody, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant({ switches: { xendit_qr_text: 'some-random-qr-string' } });
});
afterEach(async () => {
  await merchant.control('POST', '/reset');
  merchant.inbox.received.length = 0;
});
afterAll(() => merchant.stop());

describe('GET /control/calls', () => {
  it('lists failed calls too, and counts all calls', async () => {
    await merchant.control('POST', '/midtrans/faults', { operation: 'create', fault: 'http_500' });
    await merchant.charge('ORD-1');
    await merchant.charge('ORD-1');
    await merchant.request('REF-1');
    const { body } = await merchant.control('GET', '/calls?provider=midtrans&operation=create');
    expect(body).toMatchObject({
      calls: [
        { seq: 1, reference: 'ORD-1', outcome: '500', http_status: 500, fault: 'http_500' },
        { seq: 2, reference: 'ORD-1', outcome: '201', http_status: 200, fault: null },
      ],
      counts: { midtrans: { create: 2 }, xendit: { create: 1 } },
      last_seq: 3,
    });
    const later = await merchant.control('GET', '/calls?since=2');
    expect(later.body.calls).toMatchObject([{ seq: 3, provider: 'xendit' }]);
  });

  it('shows no header and no body', async () => {
    await merchant.midtrans('POST', '/v2/charge', chargeBody('ORD-1', 1, { customer_details: { email: 'sari@example.com' } }));
    const { text } = await merchant.control('GET', '/calls');
    expect(text).not.toMatch(/sari@example|Basic /);
  });
});

describe('the controls of switches and clock', () => {
  it('set some switches and leave the others; an unknown name is refused', async () => {
    await merchant.control('POST', '/switches', { midtrans_http_status: 'copies_body' });
    const { body } = await merchant.control('POST', '/switches', { xendit_string_amounts: true });
    expect(body).toMatchObject({ midtrans_http_status: 'copies_body', xendit_string_amounts: true });
    expect((await merchant.control('POST', '/switches', { midtrans_http_satus: 'copies_body' })).status).toBe(400);
    expect((await merchant.control('DELETE', '/switches')).body).toMatchObject({ midtrans_http_status: 'always_200' });
  });

  it('move the clock and change its speed', async () => {
    const before = Date.parse(String((await merchant.control('POST', '/clock', { speed: 0 })).body.now));
    const { body } = await merchant.control('POST', '/clock', { advance_ms: 3_600_000 });
    expect([Date.parse(String(body.now)) - before, body.speed]).toEqual([3_600_000, 0]);
    expect((await merchant.control('POST', '/clock', { speed: -1 })).status).toBe(400);
  });
});

describe('POST /control/reset', () => {
  it('removes charges, calls, faults, delivery rules and webhooks in progress, and sets switches as at the start', async () => {
    await merchant.charge('ORD-1');
    await merchant.control('POST', '/midtrans/faults', { fault: 'http_500', times: null });
    await merchant.control('POST', '/midtrans/webhooks', { drop: 1 });
    await merchant.control('POST', '/switches', { xendit_qr_text: 'emv' });
    await merchant.control('POST', '/clock', { speed: 60 });
    await merchant.control('POST', '/reset');
    expect((await merchant.control('GET', '/')).body).toMatchObject({
      clock: { speed: 1 },
      charges: { kept: 0, dropped: 0 },
      calls: { total: 0, counts: {} },
      providers: { midtrans: { faults: [], travel: { drop: 0 }, webhooks: { underway: 0, lost: 0 } } },
    });
    expect((await merchant.control('GET', '/switches')).body.xendit_qr_text).toBe('some-random-qr-string');
    expect((await merchant.charge('ORD-1')).status_code).toBe('201');
  });

  it('cancels expiries, retries and delayed webhooks', async () => {
    merchant.inbox.respond = () => ({ status: 503 });
    await merchant.charge('ORD-1');
    await merchant.inbox.deliveries(1);
    merchant.inbox.respond = () => ({ status: 200 });
    await merchant.control('POST', '/charges/ORD-1/pay', { delay_ms: 1 });
    await merchant.control('POST', '/reset');
    const receivedBefore = merchant.inbox.received.length;
    await merchant.control('POST', '/clock', { advance_ms: 86_400_000 });
    await merchant.charge('ORD-2');
    await merchant.inbox.first(({ body }) => body.order_id === 'ORD-2');
    expect(merchant.inbox.received).toHaveLength(receivedBefore + 1);
  });
});
