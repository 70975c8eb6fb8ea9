import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { operatorEntry } from '@gateway/shared/runtime';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { eventually } from '@gateway/testing/eventually';
import { anOperatorBrowser, type OperatorBrowser } from '@gateway/testing/operator/operator-browser';
import { anOperator } from '@gateway/testing/operator/operator-console';

const minute = 60_000;
const securityLines: Record<string, unknown>[] = [];
const users = [anOperator('budi', 'admin'), anOperator('siti', 'viewer')];

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({ console: { users }, trustProxy: 1, securityLines });
});
afterAll(() => api?.close());
afterEach(() => api.db.pool.query('delete from gateway.operator_sessions'));

const browserAt = (url = api.url) => anOperatorBrowser(url);
const from = (address: string) => ({ 'x-forwarded-for': address });
async function signedIn(name = 'budi', url = api.url): Promise<OperatorBrowser> {
  const browser = browserAt(url);
  expect((await browser.signIn(name, 'right')).status).toBe(303);
  return browser;
}
const isSignedIn = async (browser: OperatorBrowser): Promise<boolean> => (await browser.get('/operator')).text.includes('Log out');

describe('signing in', () => {
  it('is by a page, in both languages, and opens the page that the person wanted', async () => {
    const browser = browserAt();
    const sent = await browser.get('/operator/queues');
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/operator?to=%2Fqueues']);
    const page = await browser.get('/operator?to=%2Fqueues');
    expect(page.text).toContain('<button class="primary">Sign in</button>');
    expect((await browser.get('/operator', { 'accept-language': 'id' })).text).toContain('Masuk');
    const done = await browser.post('/operator/sign-in', { username: 'siti', password: 'right', to: '/queues' });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/operator/queues']);
    expect((await browser.get('/operator')).text).toContain('siti<span class="role"> · viewer</span>');
  });

  it('never leads to another site', async () => {
    for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const browser = browserAt();
      await browser.get('/operator/sign-in');
      const done = await browser.post('/operator/sign-in', { username: 'budi', password: 'right', to });
      expect(done.headers.get('location')).toBe('/operator');
    }
  });

  it('is refused with a wrong password, an unknown name, or nothing', async () => {
    for (const [name, password] of [
      ['budi', 'wrong'],
      ['unknown', 'right'],
      ['', ''],
    ] as const)
      expect((await browserAt().signIn(name, password, from('192.0.2.1'))).status).toBe(401);
  });

  it('is refused without the token of its own form, and from a page of another site', async () => {
    const fields = { username: 'budi', password: 'right' };
    const browser = browserAt();
    await browser.get('/operator/sign-in');
    expect((await browser.post('/operator/sign-in', { ...fields, csrf: 'x' })).status).toBe(403);
    expect((await browserAt().post('/operator/sign-in', fields)).status).toBe(403);
    expect((await browser.post('/operator/sign-in', fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('HTTP Basic is not asked for and not accepted', async () => {
    const answer = await browserAt().get('/operator', { authorization: `Basic ${btoa('budi:right')}` });
    expect([answer.text.includes('Log out'), answer.headers.get('www-authenticate')]).toEqual([false, null]);
  });
});

describe('the cookie of a session', () => {
  const cookieLine = async (url: string) => {
    const browser = browserAt(url);
    const { headers } = await browser.signIn('budi', 'right');
    return headers.getSetCookie().find((line) => line.includes('operator_session'));
  };

  it('cannot be read by scripts and is not sent by other sites; over HTTPS it is sent encrypted only', async () => {
    expect(await cookieLine(api.url)).toMatch(
      /^operator_session=[\w-]{43}; Max-Age=43200; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/,
    );
    const secure = await api.startAnother({ isSecure: true, users });
    expect(await cookieLine(secure.url)).toMatch(/^__Host-operator_session=.*; HttpOnly; Secure; SameSite=Strict$/);
    await secure.stop();
  });

  it('is stored as a hash only', async () => {
    const browser = await signedIn();
    const { rows } = await api.db.pool.query('select s::text from gateway.operator_sessions s');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(browser.cookies.get('operator_session'));
  });

  it('is another one after each sign-in, and the one before is over', async () => {
    const browser = await signedIn();
    const before = new Map(browser.cookies);
    await browser.signIn('budi', 'right');
    expect(await isSignedIn(browser)).toBe(true);
    const old = browserAt();
    for (const [name, value] of before) old.cookies.set(name, value);
    expect(await isSignedIn(old)).toBe(false);
  });

  it('is asked for once more when a browser comes from a link of another site', async () => {
    const page = await browserAt().get('/operator/queues', { 'sec-fetch-site': 'cross-site' });
    expect(page.text).toContain('<meta http-equiv="refresh" content="0; url=/operator/queues?again=1">');
  });
});

describe('a session', () => {
  it('survives a restart of the api', async () => {
    const browser = await signedIn();
    await api.restart({ users });
    await eventually(() => isSignedIn(browser).catch(() => false)); // a kept connection of before the restart is closed
  });

  it('is over after 30 minutes without a request; what a page asks for automatically does not count', async () => {
    const browser = await signedIn();
    for (let n = 0; n < 3; n++) {
      api.clock.advance(29 * minute);
      expect(await isSignedIn(browser)).toBe(true);
    }
    api.clock.advance(29 * minute);
    expect((await browser.get('/operator/queues/api/queues')).status).toBe(200);
    api.clock.advance(minute);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('is over after 12 hours', async () => {
    const browser = await signedIn();
    for (let n = 0; n < 35; n++) {
      api.clock.advance(20 * minute);
      await browser.get('/operator');
    }
    expect(await isSignedIn(browser)).toBe(true);
    api.clock.advance(20 * minute);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('ends in every process when its person logs out', async () => {
    const other = await api.startAnother({ users });
    const browser = await signedIn();
    const elsewhere = browserAt(other.url);
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
    expect(await isSignedIn(elsewhere)).toBe(true);
    await browser.get('/operator');
    const cookies = new Map(browser.cookies);
    expect((await browser.post('/operator/log-out')).status).toBe(303);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expect([await isSignedIn(browser), await isSignedIn(elsewhere)]).toEqual([false, false]);
    await other.stop();
  });

  it('ends in every process when a new one starts without its user, or with another password', async () => {
    const [siti, budi] = [await signedIn('siti'), await signedIn('budi')];
    const other = await api.startAnother({ users: [anOperator('budi', 'admin', 'another')] });
    await eventually(async () => !(await isSignedIn(siti)) && !(await isSignedIn(budi)));
    await other.stop();
  });

  it('ends when its user is removed from the file of OPERATOR_USERS_FILE, without a restart', async () => {
    const usersFile = path.join(os.tmpdir(), `operators-${randomUUID()}`);
    const budi = await operatorEntry('budi', 'admin', 'right');
    writeFileSync(usersFile, `${budi}\n`);
    const process = await api.startAnother({ users, usersFile });
    const siti = await signedIn('siti', process.url);
    await eventually(async () => !(await isSignedIn(siti)));
    await process.stop();
    rmSync(usersFile);
  });

  it('has the role that its user has now', async () => {
    const browser = await signedIn('siti');
    const other = await api.startAnother({ users: [anOperator('siti', 'approver')] });
    const elsewhere = browserAt(other.url);
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
    expect((await elsewhere.get('/operator')).text).toContain('siti<span class="role"> · approver</span>');
    await other.stop();
  });

  it('is one of at most 20 of its person, and one that is over leaves no row', async () => {
    for (let n = 0; n < 22; n++) await signedIn('siti');
    const count = async () => Number((await api.db.pool.query('select count(*) as n from gateway.operator_sessions')).rows[0]?.n);
    expect(await count()).toBe(20);
    api.clock.advance(31 * minute);
    await signedIn('budi');
    expect(await count()).toBe(1);
  });
});

describe('the limit of all persons together', () => {
  it('refuses what is more before the session is looked up, and keeps no one from signing in', async () => {
    const browser = await signedIn();
    const statuses: number[] = [];
    for (let n = 0; n < 130; n++) statuses.push((await browser.get('/operator/nothing', from(`10.9.${n % 3}.1`))).status);
    expect([404, 429].map((code) => statuses.filter((status) => status === code).length)).toEqual([100, 30]);
    await api.db.pool.query('delete from gateway.operator_sessions');
    expect((await browser.get('/operator/refunds', from('10.9.4.1'))).status).toBe(429); // a look-up would lead to the page to sign in
    expect((await browserAt().get('/operator', from('10.9.4.1'))).text).toContain('Sign in');
    api.clock.advance(10_000);
    expect((await browser.get('/operator/refunds', from('10.9.4.1'))).status).toBe(303);
  });
});

describe('the lock-out', () => {
  it('refuses a name at an address for a minute after ten wrong passwords, and neither another name there nor another address', async () => {
    const attempt = async (address: string, name = 'budi', password = 'wrong') => browserAt().signIn(name, password, { ...from(address) });
    const thirty = await Promise.all(Array.from({ length: 30 }, () => attempt('192.0.2.7')));
    expect([401, 429].map((code) => thirty.filter(({ status }) => status === code).length)).toEqual([10, 20]);
    api.clock.advance(59_000);
    const locked = await attempt('192.0.2.7', 'budi', 'right');
    expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await attempt('192.0.2.8', 'budi', 'right')).status).toBe(303);
    expect((await attempt('192.0.2.7', 'siti', 'right')).status).toBe(303);
    api.clock.advance(1_000);
    expect((await attempt('192.0.2.7', 'budi', 'right')).status).toBe(303);
  });

  it('keeps no person out while names are guessed from many addresses', async () => {
    const guesses = Promise.all(Array.from({ length: 24 }, (_, n) => browserAt().signIn(`admin${n}`, 'guess', from(`198.51.100.${n}`))));
    const correct = await Promise.all(
      Array.from({ length: 16 }, (_, n) => browserAt().signIn(n % 2 ? 'siti' : 'budi', 'right', from(`203.0.113.${n}`))),
    );
    expect(correct.map(({ status }) => status)).toEqual(Array(16).fill(303));
    expect((await guesses).map(({ status }) => status)).not.toContain(303);
  });

  it('writes refused sign-ins and lock-outs to the security log, with address and name, and no password', async () => {
    for (let n = 0; n < 11; n++) await browserAt().signIn('budi', `s3cret-guess ${n}`, from('192.0.2.9'));
    await browserAt().signIn('s3cret in the name', '', from('192.0.2.9'));
    const own = securityLines.filter(({ address }) => address === '192.0.2.9');
    expect(own.map(({ event_type, principal }) => [event_type, principal])).toEqual([
      ...Array(5).fill(['login_refused', 'budi']),
      ['locked_out', 'budi'],
      ['login_refused', 'no valid name'],
    ]);
    expect(JSON.stringify(own)).not.toContain('s3cret');
  });
});
