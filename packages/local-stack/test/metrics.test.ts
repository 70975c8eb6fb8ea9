import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type OwnServer, ownRedis } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { anOperatorBrowser } from '@gateway/testing/operator/operator-browser';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';

let redis: OwnServer & { url: string };
let stack: TestStack;

beforeAll(async () => {
  redis = await ownRedis();
  stack = await startTestStack({ redisUrl: redis.url });
  const { body } = await stack.till().create(await anOrder(stack.pos, { total: 55_000 }));
  await stack.simulator.pay(body.transaction_id);
  await eventually(async () => (await stack.till().get(body.payment_id)).body.status === 'paid');
});

afterAll(async () => {
  redis?.resume();
  await stack?.stop();
  await redis?.stop();
});

const metricsOf = async (kind: Parameters<TestStack['fetchMonitor']>[0]) => stack.fetchMonitor(kind, '/metrics');

/** The value of a metric with these labels, in any order. Null: no such line. */
function figure(text: string, name: string, labels: Record<string, string> = {}): number | null {
  const line = text
    .split('\n')
    .find((each) => each.startsWith(`${name}{`) && Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)));
  return line ? Number(line.slice(line.lastIndexOf(' '))) : null;
}

describe('the metrics of a process', () => {
  it('the api: requests by route, webhooks received, connections in use, memory', async () => {
    const text = await metricsOf('api');
    expect(figure(text, 'nodejs_heap_size_used_bytes', { process: 'api' })).toBeGreaterThan(0);
    expect(figure(text, 'gateway_http_seconds_count', { route: '/transaction/payments', method: 'POST', status: '201' })).toBe(1);
    expect(figure(text, 'gateway_webhooks_received_total', { provider: 'midtrans', verdict: 'stored' })).toBeGreaterThan(0);
    expect(figure(text, 'gateway_pool_connections', { database: 'POS_DATABASE_URL', state: 'idle' })).toBeGreaterThan(0);
    expect(figure(text, 'gateway_pool_connections', { database: 'CONTROL_DATABASE_URL', state: 'in_use' })).not.toBeNull();
    expect(figure(text, 'gateway_pool_waiting', { database: 'POS_DATABASE_URL' })).toBe(0);
  });

  it('the worker: breakers, calls by outcome, attempts by reason, verdicts, jobs', async () => {
    const text = await metricsOf('worker');
    expect(figure(text, 'gateway_breaker_state', { provider: 'midtrans', account: 'default', kind: 'create' })).toBe(0);
    expect(figure(text, 'gateway_provider_calls_total', { provider: 'midtrans', operation: 'create', outcome: 'ok' })).toBe(1);
    expect(figure(text, 'gateway_provider_call_seconds_count', { provider: 'midtrans', operation: 'create' })).toBe(1);
    expect(figure(text, 'gateway_attempts_total', { provider: 'midtrans', outcome: 'shown' })).toBe(1);
    expect(figure(text, 'gateway_webhook_verdicts_total', { provider: 'midtrans', verdict: 'applied' })).toBe(1);
    expect(figure(text, 'gateway_job_seconds_count', { job: 'charge', outcome: 'pending' })).toBe(1);
  });

  it('the worker: size and age of each queue, the oldest due row of each sweep, what waits for an operator', async () => {
    const text = await metricsOf('worker');
    for (const queue of ['charge', 'verify', 'follow']) {
      for (const state of ['waiting', 'active', 'delayed', 'failed'])
        expect(figure(text, 'gateway_queue_jobs', { queue, state })).not.toBeNull();
      expect(figure(text, 'gateway_queue_oldest_seconds', { queue })).toBeLessThan(1);
    }
    for (const database of ['POS_DATABASE_URL', 'ERP_DATABASE_URL']) {
      for (const kind of ['payment', 'attempt', 'webhook', 'refund', 'host-write'])
        expect(figure(text, 'gateway_due_oldest_seconds', { database, kind })).toBeLessThan(2);
      expect(figure(text, 'gateway_webhooks_parked', { database })).toBe(0);
      expect(figure(text, 'gateway_host_writes_waiting', { database })).toBe(0);
      expect(figure(text, 'gateway_host_writes_oldest_seconds', { database })).toBe(0);
    }
    expect(figure(text, 'gateway_discrepancies_open')).toBeNull();
  });

  it('the notifier: events that are not published yet', async () => {
    const text = await eventually(async () => {
      const now = await metricsOf('notifier');
      const isQuiet = figure(now, 'gateway_outbox_waiting', { database: 'POS_DATABASE_URL' }) === 0;
      // The relay's own look may use the connection at the moment of a scrape.
      const hasIdle = (figure(now, 'gateway_pool_connections', { database: 'POS_DATABASE_URL', state: 'idle' }) ?? 0) > 0;
      return isQuiet && hasIdle && now;
    });
    expect(figure(text, 'gateway_outbox_oldest_seconds', { database: 'POS_DATABASE_URL' })).toBe(0);
  });

  it('open discrepancies, by reason', async () => {
    await stack.pos.query(
      `insert into gateway.discrepancies (payment_id, reason, opened_at) select id, 'host_refused', now() from gateway.payments limit 1`,
    );
    expect(figure(await metricsOf('worker'), 'gateway_discrepancies_open', { reason: 'host_refused' })).toBe(1);
  });

  it('have a help text, and seconds as the unit of time', async () => {
    for (const kind of ['api', 'worker', 'notifier'] as const) {
      const text = await metricsOf(kind);
      for (const [, name] of text.matchAll(/^# TYPE (gateway_\w+) /gm)) expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
      expect(text).not.toMatch(/gateway_\w+_(ms|millis)/);
    }
  });
});

describe('the operator page of a running stack', () => {
  it('accepts the password in stack.json', async () => {
    const { user, password } = stack.operator;
    const browser = anOperatorBrowser(stack.api);
    expect((await browser.get('/operator')).text).toContain('type="password"');
    await browser.signIn(user, password);
    expect((await browser.get('/operator')).text).not.toContain('type="password"');
    for (const path of ['/operator', '/operator/queues', '/operator/queues/api/queues']) expect((await browser.get(path)).status).toBe(200);
  });

  it('is on the public port, where no metrics are', async () => {
    expect((await fetch(`${stack.api}/metrics`)).status).toBe(404);
  });
});

/** Runs an `ops` command in a process of its own, as an operator does. */
async function ops<Json>(...line: string[]): Promise<Json> {
  const args = ['--conditions=source', 'packages/ops/src/ops.ts', ...line, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { DATA_DIR: stack.dataDir, OPERATOR_NAME: 'budi' } });
  return JSON.parse(stdout) as Json;
}

describe('an operator at the command line', () => {
  const providerOf = async (reference: string) => (await stack.simulator.charges(reference))[0]?.provider;

  it('holds a provider, and within two seconds no payment is created there', async () => {
    expect(await ops('hold', 'midtrans', '--open')).toMatchObject({ held: true, workers_told: 1 });
    expect(figure(await metricsOf('worker'), 'gateway_breaker_state', { provider: 'midtrans', kind: 'create' })).toBe(2);
    await eventually(async () => {
      const { body } = await stack.till().create(await anOrder(stack.pos, { total: 10_000 }));
      return (await providerOf(body.transaction_id)) === 'xendit';
    });
    expect(await ops('release', 'midtrans')).toMatchObject({ held: false, others: [] });
  });

  it('replays webhooks, and nothing is applied twice', async () => {
    const events = async () => (await stack.pos.query(`select type from gateway.payment_events order by 1`)).rows;
    const before = await events();
    const { count } = await ops<{ count: number }>('webhooks', 'replay', '--since', '1h');
    expect(count).toBeGreaterThan(0);
    await eventually(async () => {
      const { rows } = await stack.pos.query('select from gateway.webhook_inbox where processed_at is null');
      return rows.length === 0;
    });
    expect(await events()).toEqual(before);
  });
});

describe('a Redis that is frozen', () => {
  it('leaves out the metrics of queues, and no others', async () => {
    redis.pause();
    const text = await metricsOf('worker'); // the page does not wait for it
    expect(figure(text, 'gateway_queue_jobs')).toBeNull();
    expect(figure(text, 'gateway_due_oldest_seconds', { database: 'POS_DATABASE_URL', kind: 'payment' })).not.toBeNull();
    redis.resume();
    await eventually(async () => figure(await metricsOf('worker'), 'gateway_queue_jobs') !== null);
  });
});
