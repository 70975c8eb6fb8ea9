import { call, type HttpResult, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterAll(() => merchant.stop());

describe('the page', () => {
  it('loads its style and script from the simulator only', async () => {
    const page = await call('GET', `${merchant.simulator.url}/`, undefined, {});
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.text).not.toMatch(/<script>|style="|onclick=|https?:\/\//);
    for (const [, path] of page.text.matchAll(/(?:src|href)="(\/simulator\.[a-z]+)"/g)) {
      expect((await call('GET', `${merchant.simulator.url}${path}`, undefined, {})).status).toBe(200);
    }
  });

  it('may use the controls, and a page of another site may not', async () => {
    const from = (site: string): Promise<HttpResult> =>
      call('POST', `${merchant.simulator.url}/control/reset`, undefined, { 'sec-fetch-site': site });
    expect((await from('same-origin')).status).toBe(200);
    expect((await from('cross-site')).status).toBe(403);
  });
});
