import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import { eventually } from '@gateway/testing/eventually';
import { type ApiTenant, aTenantThatSold } from './api-tenant.ts';
import { stack } from './stack.ts';

// Tills that send their orders by API, against a whole stack: those of examples/till, which docs/your-till-by-api.md explains, and two tenants.
const folder = path.join(checkoutDir, 'examples/till');
const tills = [
  { file: 'till.php', program: 'php', args: ['till.php'] },
  { file: 'till.py', program: 'python3', args: ['till.py'] },
  { file: 'till.mjs', program: 'node', args: ['till.mjs'] },
  { file: 'Till.cs', program: 'dotnet', args: ['run', 'Till.cs'] },
];

const isOnPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(':').some((dir) => dir !== '' && existsSync(path.join(dir, program)));

const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

describe.each(tills)('the till in $file', ({ file, program, args }) => {
  it('has at most 60 lines', () => {
    expect(readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  const isRunnable = isOnPath(program);
  if (!isRunnable) process.stderr.write(`SKIPPED, ${program} is not on the PATH: examples/till/${file}\n`);
  (isRunnable ? it : it.skip)(
    'goes from nothing to a paid order and a ticket in the kitchen',
    async () => {
      const orderId = `${program}-1`;
      const environment = { PATH: process.env.PATH, HOME: process.env.HOME, GATEWAY_URL: stack.api, GATEWAY_API_KEY: 'sk_test_till_demo' };
      const child = spawn(program, [...args, 'DPS-01', orderId], { cwd: folder, env: environment });
      running.push(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
      const ended = new Promise((resolve) => child.on('close', resolve));
      const paymentId = await eventually(() => /pay_[0-9a-z]{26}/.exec(output)?.[0], 60_000);
      const { body: payment } = await stack.till('sk_test_till_demo').get(paymentId);
      await stack.simulator.pay(payment.transaction_id, { issuer: 'dana' });
      await ended;
      expect(output).toMatch(
        new RegExp(
          `Rp 55000\\nshow this QR to the guest: http\\S+\\npaid with dana, receipt \\S+\\nKITCHEN {2}${orderId} {2}table 7\\n2 x Nasi goreng {2}tidak pedas\\n$`,
        ),
      );
    },
    90_000,
  );
});

interface Operation {
  tags: string[];
  security: unknown[];
  parameters?: { name: string; in: string }[];
  requestBody?: { content?: { 'application/json'?: { example?: object } } };
}

/** Every operation of the API that needs a key, as one tenant calls it with what it knows of another one. */
async function* callsWithIdsOf({ ids }: ApiTenant, { till }: ApiTenant) {
  const { body } = await till.request<{ paths: Record<string, Record<string, Operation>> }>('GET', '/openapi.json');
  for (const [template, operations] of Object.entries(body.paths)) {
    const path = template.replace(/\{(\w+)\}/g, (whole, name: string) => ids[name] ?? whole);
    if (path.includes('{')) continue; // a provider's webhook, and the controls of the simulator
    for (const [method, { parameters = [], requestBody }] of Object.entries(operations)) {
      const example = requestBody?.content?.['application/json']?.example;
      const named = Object.fromEntries(Object.entries(ids).filter(([name]) => example && name in example));
      const query = parameters.flatMap(({ in: place, name }) => (place === 'query' && ids[name] ? [`${name}=${ids[name]}`] : []));
      const options = { headers: { 'idempotency-key': `of ${template}` }, ...(example && { body: { ...example, ...named } }) };
      for (const search of ['', ...query.map((each) => `?${each}`)]) {
        const { status, body: answer } = await till.request(method.toUpperCase(), path + search, options);
        yield { template, name: `${method} ${path}${search}`, status, answer: JSON.stringify(answer) };
      }
    }
  }
}

describe('two tenants with the same order_id and stores whose ids are spelled alike', () => {
  it('see their own or a refusal: no route, event, channel, stream, webhook or list shows one what is the other’s', async () => {
    const orderId = '2026-03-02-A12';
    const both = await Promise.all([
      aTenantThatSold(stack, 'warung-a', 'KUTA-01', orderId),
      aTenantThatSold(stack, 'warung-b', 'kuta-01', orderId),
    ]);
    const refusals = new Set<string>();
    for (const [own, other] of [both, both.toReversed()] as [ApiTenant, ApiTenant][]) {
      const { store_id, order_id, ...othersOnly } = other.ids;
      const shown = (text: string) => [other.name, ...Object.values(othersOnly)].filter((each) => text.includes(each));
      expect(own.wasSent()).toContain(`"${own.ids.store_id}"`);
      expect([...shown(own.wasSent()), ...shown(await own.view())]).toEqual([]);
      expect(own.wasSent()).not.toContain(`"${store_id}"`);

      const before = await other.view();
      for await (const { template, name, status, answer } of callsWithIdsOf(other, own)) {
        expect([name, shown(answer)]).toEqual([name, []]);
        // The same order_id in a path without a store names the own order, and a list of the other's store is empty or refused.
        if (/\{(?!order_id)/.test(template)) refusals.add(`${status} ${JSON.parse(answer).code}`);
      }
      expect(await other.view()).toBe(before);
      expect(await own.till.create(order_id ?? '', {}, { store_id, order: { number: '1', lines: [], total: 0 } })).toMatchObject({
        status: 409,
        body: { code: 'store_conflict' },
      });
    }
    expect([...refusals].toSorted()).toEqual([
      '404 not_found',
      '404 payment_not_found',
      '404 refund_not_found',
      '404 store_not_found',
      '409 store_conflict',
    ]);
    for (const tenant of both) await tenant.close();
  });
});
