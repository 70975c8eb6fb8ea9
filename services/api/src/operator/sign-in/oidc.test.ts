import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { type IdentityProvider, startIdentityProvider } from '@gateway/testing/operator/identity-provider';
import { anOperatorBrowser, type OperatorBrowser } from '@gateway/testing/operator/operator-browser';
import { anOperator } from '@gateway/testing/operator/operator-console';

const people = {
  budi: { email: 'Budi@resto.example', email_verified: true, role: ['staff', 'viewer', 'approver'] },
  siti: { email: 'siti@resto.example', email_verified: false, role: 'viewer' },
  guest: { email: 'guest@resto.example', email_verified: true, role: 'owner' },
};

let identity: IdentityProvider;
let api: ApiHarness;
beforeAll(async () => {
  identity = await startIdentityProvider('http://gateway.test/operator/oidc/callback', people);
  const { issuer, clientId, clientSecret } = identity;
  api = await startApiHarness({ console: { users: [], oidc: { issuer, clientId, clientSecret, roleClaim: 'role' } } });
});
afterAll(async () => {
  await api?.close();
  await identity?.stop();
});

/** Goes to the provider as this person, and comes back. */
async function signIn(account: string, browser: OperatorBrowser = anOperatorBrowser(api.url)) {
  const sent = await browser.get('/operator/oidc?to=/refunds');
  const back = await identity.signIn(sent.headers.get('location') ?? '', account);
  return { browser, back, answer: await browser.get(back.pathname + back.search) };
}

describe('signing in by OpenID Connect', () => {
  it('is offered instead of passwords where there are none, and begins a session with the highest role of the claim', async () => {
    const { text } = await anOperatorBrowser(api.url).get('/operator');
    expect([text.includes('/operator/oidc?to='), text.includes('type="password"')]).toEqual([true, false]);
    const { browser, answer } = await signIn('budi');
    expect(answer.text).toContain('<meta http-equiv="refresh" content="0; url=/operator/refunds">');
    expect((await browser.get('/operator')).text).toContain('budi@resto.example<span class="role"> · approver</span>');
  });

  it('names a person by the provider’s own name when the address is not verified', async () => {
    expect((await (await signIn('siti')).browser.get('/operator')).text).toContain('siti<span class="role"> · viewer</span>');
  });

  it('is refused without one of our roles', async () => {
    const { browser, answer } = await signIn('guest');
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('gives you no role here')]);
    expect((await browser.get('/operator')).text).not.toContain('Log out');
  });

  it('is refused in a browser that did not begin it, a second time, and with a changed state', async () => {
    const sent = await anOperatorBrowser(api.url).get('/operator/oidc');
    const back = await identity.signIn(sent.headers.get('location') ?? '', 'budi');
    expect((await anOperatorBrowser(api.url).get(back.pathname + back.search)).status).toBe(401);
    const { browser, back: used } = await signIn('budi');
    expect((await browser.get(used.pathname + used.search)).status).toBe(401);
    const other = anOperatorBrowser(api.url);
    const forged = await identity.signIn((await other.get('/operator/oidc')).headers.get('location') ?? '', 'budi');
    forged.searchParams.set('state', 'x');
    expect((await other.get(forged.pathname + forged.search)).status).toBe(401);
  });

  it('is over in a process that has no provider any more', async () => {
    const { browser } = await signIn('budi');
    const other = await api.startAnother({ users: [anOperator('dewi', 'viewer')], oidc: null });
    const elsewhere = anOperatorBrowser(other.url);
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
    expect((await elsewhere.get('/operator')).text).not.toContain('Log out');
    await other.stop();
  });

  it('is a page that says so while the provider does not answer', async () => {
    const { issuer, clientId, clientSecret } = identity;
    const oidc = { issuer: 'http://127.0.0.1:1', clientId, clientSecret, roleClaim: 'role' };
    const other = await api.startAnother({ users: [], oidc });
    const answer = await anOperatorBrowser(other.url).get('/operator/oidc');
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('does not answer')]);
    expect((await anOperatorBrowser(api.url).get('/operator/oidc')).headers.get('location')).toContain(issuer);
    await other.stop();
  });
});
