import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { opsCommands } from '@gateway/ops/commands';
import { runCommand } from '@gateway/ops/test/run-command';
import { operatorEntry, sealedSecret } from '@gateway/shared/runtime';
import { serveRole } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { anOperatorBrowser } from '@gateway/testing/operator/operator-browser';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import pg from 'pg';
import { type Operator, openOutlets, startOperator } from './accounts/operator.ts';
import { type Drill, openDrill, untilKnown } from './rotation/drill.ts';
import { asUser, firstSecrets, type Installation, startInstallation } from './rotation/installation.ts';
import { type GatewayRedis, startGatewayRedis } from './rotation/redis.ts';

/** `npm run soak:rotation -- --tills=3`; in `npm test` an account is rotated by packages/local-stack/test/accounts.test.ts */
const tills = Number(process.env.SOAK_TILLS ?? 0);
const stepTimeoutMs = 900_000; // a busy machine takes long to start a process
const describeInFull = tills > 0 ? describe : describe.skip;

const run = randomBytes(4).toString('hex'); // roles belong to the whole server
const [roleBefore, roleAfter] = [`drill_a_${run}`, `drill_b_${run}`];
/** Every outlet takes its first QR from another account: of the environment or added, at Midtrans or Xendit. */
const outlets = { 'ENV-M': 'midtrans,xendit', 'ENV-X': 'xendit,midtrans', 'OWN-M': 'midtrans,xendit', 'OWN-X': 'xendit,midtrans' };

describeInFull('while tills sell and webhooks come', () => {
  let redis: GatewayRedis;
  let shop: Installation;
  let operator: Operator;
  let drill: Drill;

  beforeAll(async () => {
    redis = await startGatewayRedis(firstSecrets.redisPassword);
    const operators = await operatorEntry('budi', 'viewer', 'operator-password-first');
    shop = await startInstallation({ databaseUser: roleBefore, redisUrl: redis.urlWith(firstSecrets.redisPassword), operators });
    await shop.db.pool.query(`create role ${roleBefore} login password '${firstSecrets.databasePassword}' in role ${serveRole}`);
    await openOutlets({ pos: shop.db.pool }, Object.keys(outlets));
    await shop.restart(['notifier', 'worker', 'api'], {});
    operator = startOperator(commandVariables());
    atMidtrans('own', 'SB-Mid-server-own-1');
    atXendit('own', { secret_key: 'xnd_development_own_1', callback_token: 'own-token-1' });
    await operator.ops('accounts add midtrans/own', { server_key: 'SB-Mid-server-own-1' });
    await operator.ops('accounts add xendit/own', { secret_key: 'xnd_development_own_1', callback_token: 'own-token-1' });
    for (const [outlet, providers] of Object.entries(outlets)) {
      const account = outlet.startsWith('OWN') ? 'own' : 'default';
      await operator.ops(`stores set ${outlet} --providers ${providers} --accounts midtrans=${account},xendit=${account}`);
    }
    await untilKnown();
    drill = openDrill(shop, { outlets: Object.keys(outlets), tills });
  }, 120_000);
  afterAll(async () => {
    operator?.close();
    await shop?.stop();
    await redis?.stop();
  });

  const commandVariables = () => ({ PATH: process.env.PATH, ...shop.variables });
  const addressOf = (provider: string, id: string) => `${shop.api}/webhooks/${provider}${id === 'default' ? '' : `/${id}`}`;
  const atMidtrans = (id: string, server_key: string, further_keys: string[] = []) =>
    shop.simulator.fakes.midtrans.putAccount(id, { server_key, further_keys, notification_url: addressOf('midtrans', id) });
  const atXendit = (id: string, secrets: { secret_key: string; callback_token: string; further_keys?: string[] }) =>
    shop.simulator.fakes.xendit.putAccount(id, { ...secrets, notification_url: addressOf('xendit', id) });

  async function replaces(secret: string, steps: () => Promise<void>): Promise<void> {
    const { failed_creates, refused_webhooks } = await drill.replace(secret, steps);
    expect({ failed_creates, refused_webhooks }).toEqual({ failed_creates: 0, refused_webhooks: 0 });
  }

  it(
    'the server key of an added Midtrans account is replaced: both keys are valid at Midtrans until the new one is entered',
    () =>
      replaces('server key, added account', async () => {
        atMidtrans('own', 'SB-Mid-server-own-1', ['SB-Mid-server-own-2']);
        await operator.ops('accounts rotate midtrans/own', { server_key: 'SB-Mid-server-own-2' });
        await untilKnown();
        atMidtrans('own', 'SB-Mid-server-own-2');
      }),
    stepTimeoutMs,
  );

  it(
    'the secret key of an added Xendit account is replaced: the old one is deleted at Xendit last',
    () =>
      replaces('secret key, added account', async () => {
        const secrets = { secret_key: 'xnd_development_own_1', callback_token: 'own-token-1' };
        atXendit('own', { ...secrets, further_keys: ['xnd_development_own_2'] });
        await operator.ops('accounts rotate xendit/own', { secret_key: 'xnd_development_own_2' });
        await untilKnown();
        atXendit('own', { ...secrets, secret_key: 'xnd_development_own_2' });
      }),
    stepTimeoutMs,
  );

  it(
    'the callback token of an added Xendit account is replaced: it is entered here first',
    () =>
      replaces('callback token, added account', async () => {
        await operator.ops('accounts rotate xendit/own', { callback_token: 'own-token-2' });
        await untilKnown();
        atXendit('own', { secret_key: 'xnd_development_own_2', callback_token: 'own-token-2' });
      }),
    stepTimeoutMs,
  );

  it(
    'MIDTRANS_SERVER_KEY is replaced, and Midtrans refuses the old key at once',
    () =>
      replaces('MIDTRANS_SERVER_KEY', async () => {
        await shop.restart(['api'], { MIDTRANS_SERVER_KEY_PREVIOUS: 'SB-Mid-server-second' });
        atMidtrans('default', 'SB-Mid-server-second');
        const swapped = { MIDTRANS_SERVER_KEY: 'SB-Mid-server-second', MIDTRANS_SERVER_KEY_PREVIOUS: firstSecrets.midtransKey };
        await shop.restart(['worker', 'api'], swapped);
        await shop.restart(['api'], { MIDTRANS_SERVER_KEY_PREVIOUS: undefined });
      }),
    stepTimeoutMs,
  );

  it(
    'XENDIT_CALLBACK_TOKEN is replaced',
    () =>
      replaces('XENDIT_CALLBACK_TOKEN', async () => {
        await shop.restart(['api'], { XENDIT_CALLBACK_TOKEN_PREVIOUS: 'callback-token-second' });
        atXendit('default', { secret_key: firstSecrets.xenditKey, callback_token: 'callback-token-second' });
        const swapped = { XENDIT_CALLBACK_TOKEN: 'callback-token-second', XENDIT_CALLBACK_TOKEN_PREVIOUS: firstSecrets.callbackToken };
        await shop.restart(['worker', 'api'], swapped);
        await shop.restart(['api'], { XENDIT_CALLBACK_TOKEN_PREVIOUS: undefined });
      }),
    stepTimeoutMs,
  );

  it(
    'XENDIT_SECRET_KEY is replaced',
    () =>
      replaces('XENDIT_SECRET_KEY', async () => {
        const secrets = { secret_key: firstSecrets.xenditKey, callback_token: 'callback-token-second' };
        atXendit('default', { ...secrets, further_keys: ['xnd_development_second'] });
        await shop.restart(['worker', 'api'], { XENDIT_SECRET_KEY: 'xnd_development_second' });
        atXendit('default', { ...secrets, secret_key: 'xnd_development_second' });
      }),
    stepTimeoutMs,
  );

  it(
    'LINK_SIGNING_KEY is replaced, and the picture of a QR on display opens all the time',
    () =>
      replaces('LINK_SIGNING_KEY', async () => {
        const { body } = await shop.till.create(await anOrder(shop.db.pool, { outlet: 'ENV-M' }));
        const opened: number[] = [];
        let isDone = false;
        const opening = (async () => {
          for (; !isDone; await delay(500)) opened.push(...(await statusOf(body.qr_image_url as string)));
        })();
        const second = 'the second signing key, long enough to sign';
        await shop.restart(['api'], { LINK_SIGNING_KEY_PREVIOUS: second });
        await shop.restart(['api'], { LINK_SIGNING_KEY: second, LINK_SIGNING_KEY_PREVIOUS: firstSecrets.signingKey });
        isDone = true;
        await opening;
        expect([...new Set(opened)]).toEqual([200]);
        shop.simulator.controls.pay(body.transaction_id);
        await shop.restart(['api'], { LINK_SIGNING_KEY_PREVIOUS: undefined });
      }),
    stepTimeoutMs,
  );

  it(
    'the master key is replaced',
    () =>
      replaces('MASTER_KEYS', async () => {
        const second = sealedSecret.newMasterKey('second');
        const all = ['worker', 'api', 'notifier'] as const;
        await shop.restart(all, { MASTER_KEYS: `${firstSecrets.masterKey},${second}` });
        await shop.restart(all, { MASTER_KEYS: `${second},${firstSecrets.masterKey}` });
        operator.close();
        operator = startOperator(commandVariables());
        await operator.ops('accounts reseal');
        await shop.restart(all, { MASTER_KEYS: second });
      }),
    stepTimeoutMs,
  );

  it(
    "an operator's password is replaced",
    () =>
      replaces('operator password', async () => {
        await shop.restart(['api'], { OPERATOR_USERS: await operatorEntry('budi', 'viewer', 'operator-password-second') });
        expect(await operatorStatus('operator-password-second')).toBe(303);
        expect(await operatorStatus('operator-password-first')).toBe(401);
      }),
    stepTimeoutMs,
  );

  it(
    'the password of the database is replaced, by a second user',
    () =>
      replaces('database password', async () => {
        await shop.db.pool.query(`create role ${roleAfter} login password 'database-password-second' in role ${serveRole}`);
        const urls = ['POS_DATABASE_URL', 'ERP_DATABASE_URL', 'CONTROL_DATABASE_URL'].map((name) => [
          name,
          asUser(shop.variables[name] as string, roleAfter, 'database-password-second'),
        ]);
        const before = shop.variables.POS_DATABASE_URL as string;
        await shop.restart(['worker', 'api', 'notifier'], Object.fromEntries(urls));
        const sessions = async () => (await shop.db.pool.query('select from pg_stat_activity where usename = $1', [roleBefore])).rowCount;
        await eventually(async () => (await sessions()) === 0);
        await shop.db.pool.query(`alter role ${roleBefore} nologin`);
        await expect(new pg.Client(before).connect()).rejects.toThrow(/not permitted to log in/);
      }),
    stepTimeoutMs,
  );

  it(
    'the password of Redis is replaced: both count until every process has the new one',
    () =>
      replaces('Redis password', async () => {
        const [first, second] = [firstSecrets.redisPassword, 'redis-password-second'];
        await redis.setPasswords(first, [first, second]);
        await shop.restart(['worker', 'api', 'notifier'], { REDIS_URL: redis.urlWith(second) });
        await redis.setPasswords(second, [second]);
        expect([await redis.admits(second), await redis.admits(first)]).toEqual([true, false]);
      }),
    stepTimeoutMs,
  );

  it(
    'nothing was lost or doubled: the audit finds nothing',
    async () => {
      const environment = { ...commandVariables(), SIMULATOR_URL: shop.simulator.url };
      const report = await eventually(async () => {
        const { out } = await runCommand(opsCommands, ['audit', '--json'], environment);
        const parsed = JSON.parse(out) as { waiting: number; findings: object[] };
        return parsed.waiting === 0 && parsed;
      }, 60_000);
      expect(report.findings).toEqual([]);
    },
    stepTimeoutMs,
  );

  /** Repeated when the process that was asked ended meanwhile. */
  const statusOf = async (url: string): Promise<number[]> => {
    try {
      const answer = await fetch(url);
      await answer.arrayBuffer();
      return [answer.status];
    } catch {
      return [];
    }
  };
  const operatorStatus = async (password: string): Promise<number> => (await anOperatorBrowser(shop.api).signIn('budi', password)).status;
});
