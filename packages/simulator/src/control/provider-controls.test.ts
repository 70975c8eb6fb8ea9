import { type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(async () => {
  await merchant.control('POST', '/reset');
  merchant.inbox.received.length = 0;
});
afterAll(() => merchant.stop());

describe('the controls of a provider', () => {
  it('add faults, show them, and clear them', async () => {
    const rule = { operation: 'create', fault: 'hang_after_effect', times: 3, delay_ms: 0 };
    const { status, body } = await merchant.control('POST', '/midtrans/faults', rule);
    expect([status, body.faults]).toEqual([201, [expect.objectContaining({ ...rule, applied: 0 })]]);
    await merchant.control('POST', '/midtrans/faults', { operation: 'refund', fault: 'http_500', times: null });
    await merchant.control('DELETE', '/midtrans/faults?operation=create');
    expect((await merchant.control('GET', '/midtrans/faults')).body.faults).toMatchObject([{ operation: 'refund' }]);
    expect((await merchant.control('DELETE', '/midtrans/faults')).body.faults).toEqual([]);
    expect((await merchant.control('POST', '/midtrans/faults', { fault: 'lag', operation: 'create' })).status).toBe(400);
    expect((await merchant.control('POST', '/stripe/faults', rule)).status).toBe(400);
  });

  it('set the webhook delivery; an omitted field gets its default', async () => {
    await merchant.control('POST', '/xendit/webhooks', { drop: 1, seed: 7 });
    const { body } = await merchant.control('POST', '/xendit/webhooks', { delay_ms: [0, 5] });
    expect(body).toEqual({ drop: 0, duplicate: 0, delay_ms: [0, 5], shuffle: false, bad_signature: 0, seed: 1 });
    expect((await merchant.control('GET', '/xendit/webhooks')).body).toEqual(body);
    expect((await merchant.control('POST', '/xendit/webhooks', { drop: 2 })).status).toBe(400);
  });

  it('add an account, and rotate its key', async () => {
    const put = (server_key: string, further_keys: string[] = []) =>
      merchant.control('PUT', '/midtrans/accounts/outlet-2', { server_key, further_keys });
    const asOutlet = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
    expect((await put('SB-Mid-server-OLD')).body.accounts).toContainEqual({ id: 'outlet-2', notification_url: null });
    expect((await put('SB-Mid-server-OLD', ['SB-Mid-server-NEXT'])).text).not.toContain('SB-Mid');
    expect((await merchant.midtrans('GET', '/v2/x/status', undefined, asOutlet('SB-Mid-server-NEXT'))).status).toBe(200);
    await put('SB-Mid-server-NEW');
    expect((await merchant.midtrans('GET', '/v2/x/status', undefined, asOutlet('SB-Mid-server-OLD'))).status).toBe(401);
    expect((await merchant.midtrans('GET', '/v2/x/status', undefined, asOutlet('SB-Mid-server-NEW'))).status).toBe(200);
    expect((await put('with space')).status).toBe(400);
    const xendit = { secret_key: 'xnd_2', callback_token: 'token-2', notification_url: 'ftp://x' };
    expect((await merchant.control('PUT', '/xendit/accounts/outlet-2', xendit)).status).toBe(400);
  });
});
