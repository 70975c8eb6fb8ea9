import type { ProviderAccount } from '@gateway/shared/provider';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';

const account = (token: string): ProviderAccount => ({
  provider: 'xendit',
  id: 'jkt',
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: 'key',
  webhookSecrets: [token],
});

let known: ProviderAccount | null; // as this process read it last
let stored: ProviderAccount | null; // as the control database has it now
let refreshes = 0;
let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({
    accountDirectory: { all: () => [], find: (_, id) => (id === 'jkt' ? known : null), mayChange: () => true },
    refreshControl: async () => {
      refreshes += 1;
      known = stored;
    },
  });
});
afterAll(() => api?.close());

const post = async (token: string, id = 'jkt') => {
  const headers = { 'content-type': 'application/json', 'x-callback-token': token };
  const body = JSON.stringify({ event: 'payment.capture', data: { reference_id: `shop-${token}`, payment_id: `py-${token}` } });
  return (await fetch(`${api.url}/webhooks/xendit/${id}`, { method: 'POST', headers, body })).status;
};

describe('a genuine webhook of an account that this process has not read yet', () => {
  it('is accepted: a worker that knows the new account makes charges before', async () => {
    [known, stored] = [null, account('token-1')];
    expect(await post('token-1')).toBe(200);
  });

  it('is accepted with the secret of a rotation', async () => {
    [known, stored] = [account('token-1'), account('token-2')];
    expect(await post('token-2')).toBe(200);
  });

  it('costs nothing once the account is known, and forged ones share a few readings', async () => {
    [known, stored] = [account('token-2'), account('token-2')];
    refreshes = 0;
    expect([await post('token-2'), refreshes]).toEqual([200, 0]);
    expect(await Promise.all(Array.from({ length: 20 }, () => post('forged')))).toEqual(Array(20).fill(401));
    expect(refreshes).toBeLessThanOrEqual(2);
    expect(await post('token-2', 'unknown')).toBe(404);
  });
});
