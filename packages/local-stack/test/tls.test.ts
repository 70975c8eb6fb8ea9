import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { checkSession, connectClient } from '@gateway/shared/postgres';
import { connectRedis } from '@gateway/shared/queue';
import { serveRole } from '@gateway/shared/store';
import { type OwnRedis, ownDir, ownRedis, watchdogOfThisFile } from '@gateway/testing/database/servers';
import { prepareTemplate } from '@gateway/testing/database/template';
import { freePort } from '@gateway/testing/free-port';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { describeWithOpenssl, type PrivateAuthority, privateAuthority } from '@gateway/testing/private-authority';
import { aScreen } from '@gateway/testing/stack/screen';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import pg from 'pg';
import { unprivileged } from '../src/processes/unprivileged.ts';
import { type EmbeddedPostgres, startPostgres } from '../src/servers/embedded-postgres.ts';

const password = 'test';
const trusted = getCACertificates('default');

describeWithOpenssl('with a PostgreSQL and a Redis that are reached by TLS, with certificates of a private authority', () => {
  let authority: PrivateAuthority;
  let postgres: EmbeddedPostgres;
  let redis: OwnRedis;
  let redisPort: number;
  let pos: pg.Pool;
  let stack: TestStack;
  beforeAll(async () => {
    const dir = ownDir('postgres');
    const { owner } = await unprivileged();
    authority = privateAuthority(ownDir('tls'), owner);
    const { cert, key } = authority;
    const ssl = { ssl: 'on', ssl_cert_file: cert, ssl_key_file: key };
    postgres = await startPostgres({ dir, port: 0, password, durable: false, settings: ssl, watchdog: watchdogOfThisFile() });
    const admin = new pg.Client(postgres.url('postgres'));
    await admin.connect();
    await admin.query('create database pos');
    await admin.end();
    await prepareTemplate(postgres.url('pos'));
    redisPort = await freePort();
    const tls = [`tls-port ${redisPort}`, `tls-cert-file "${cert}"`, `tls-key-file "${key}"`, 'tls-auth-clients no'];
    redis = await ownRedis({ settings: tls });
    pos = new pg.Pool({ connectionString: postgres.url('pos'), max: 2 });
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await stack?.stop();
    await pos?.end();
    await redis?.stop();
    await postgres?.stop();
  });

  const databaseUrl = (user: string, { host = '127.0.0.1', ca = authority.ca } = {}) =>
    `postgres://${user}:${password}@${host}:${postgres.port}/pos?sslmode=verify-full&sslrootcert=${ca}`;
  const redisUrl = (host = '127.0.0.1') => `rediss://:${password}@${host}:${redisPort}`;
  const refusalOf = (url: string) =>
    new Promise<string>((resolve) => {
      const client = connectRedis(url, {
        name: 'test',
        onError: ({ message }) => {
          client.disconnect();
          resolve(message);
        },
      });
    });

  it('a server whose certificate is of an authority that was not named, or for another name, is not used', async () => {
    const other = privateAuthority(ownDir('other-tls'), null);
    await expect(connectClient(databaseUrl('postgres', { ca: other.ca }), {})).rejects.toThrow(/certificate/);
    await expect(connectClient(databaseUrl('postgres', { host: 'localhost' }), {})).rejects.toThrow(/does not match certificate/);
    expect(await refusalOf(redisUrl())).toMatch(/certificate/);
    setDefaultCACertificates([...trusted, readFileSync(authority.ca, 'utf8')]); // as Node.js does at its start by NODE_EXTRA_CA_CERTS
    expect(await refusalOf(redisUrl('localhost'))).toMatch(/does not match certificate/);
  });

  it('an order is paid, its event reaches the screen, and every connection of a session is encrypted', async () => {
    const urls = { POS_DATABASE_URL: databaseUrl(serveRole), POS_MIGRATE_URL: databaseUrl('postgres') };
    stack = await startTestStack({ redisUrl: redisUrl(), environment: { ...urls, NODE_EXTRA_CA_CERTS: authority.ca } });
    await expect(checkSession(urls.POS_DATABASE_URL)).resolves.toBeUndefined();
    const screen = await aScreen(stack.redisUrl, 'JKT-01');
    const order = await anOrder(pos, { outlet: 'JKT-01' });
    const { status, body: payment } = await stack.till().create(order);
    expect(status).toBe(201);
    await stack.simulator.pay(payment.transaction_id);
    await screen.waitsFor('order.paid', payment);
    screen.close();
    const { rows } = await pos.query(
      "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name like 'gateway %'",
    );
    expect(rows).toEqual([{ ssl: true }]);
    const clients = String(await stack.redis.client('LIST'))
      .trim()
      .split('\n');
    expect(clients.filter((line) => !line.includes(` laddr=127.0.0.1:${redisPort} `))).toEqual([]);
  });
});
