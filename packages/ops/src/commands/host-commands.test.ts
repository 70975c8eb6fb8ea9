import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hostsDir } from '@gateway/testing/checkout';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { outputStream, runCommand, runForJson } from '../../test/run-command.ts';
import { runCli } from '../cli.ts';
import { hostCommands } from './host-commands.ts';

let database: TestDatabase;
let hosts: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  database = await freshDatabase();
  hosts = mkdtempSync(path.join(tmpdir(), 'hosts-'));
  for (const id of ['pos', 'erp']) cpSync(path.join(hostsDir, id), path.join(hosts, id), { recursive: true });
  env = { POS_DATABASE_URL: database.url, ERP_DATABASE_URL: database.url, HOSTS_DIR: hosts };
});
afterAll(async () => {
  rmSync(hosts, { recursive: true });
  await database.drop();
});

const erpOrder = ['--order', 'INV/SMG/2026/00101', '--tenant', 'RSA'];

describe('hosts check', () => {
  it('reports each file that fits', async () => {
    const { code, out } = await runCommand(hostCommands, ['check', 'erp'], env);
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 3)).toEqual(['✓ erp/host.yaml: fits', '✓ erp/order.sql: fits', '✓ erp/items.sql: fits']);
  });

  it('shows with an order the amount and the rows that would be written', async () => {
    const { code, out } = await runCommand(hostCommands, ['check', 'erp', ...erpOrder], env);
    expect(code).toBe(0);
    expect(out).toContain('order INV/SMG/2026/00101 (INV/SMG/2026/00101) of store RSA-SMG, tenant RSA: total 35772.5000, paid 0 IDR');
    expect(out).toContain('✓ lines and charges add up to the total; due 35772.5, charged 35773, residue 0.5, recorded 35772.5');
    expect(out).toContain(
      '✓ created: took effect: erp."Document Counter" 1 inserted, erp."Payment Allocation" 1 inserted, erp."Payment Entry" 1 inserted',
    );
    expect(out).toContain('✓ paid: took effect: erp."Payment Entry" 1 updated, erp."Sales Invoice" 1 updated');
    expect(out).toContain('✓ paid again: no row: refused');
    expect(out).not.toContain('\u001b');
  });

  it('exits with 1 when the order would not be paid correctly, with the reason', async () => {
    const draft = await runCommand(hostCommands, ['check', 'erp', '--order', 'INV/JKT/2026/00105', '--tenant', 'RSA'], env);
    expect(draft.code).toBe(1);
    expect(draft.out).toContain('✗ cannot be charged: it is not payable: the invoice is a draft');

    writeFileSync(
      path.join(hosts, 'erp/expired.sql'),
      `update erp."Payment Entry" set doc_status = 'VO', modified = :now where reference_no = :reference returning pay_no`,
    );
    const overridden = await runCommand(hostCommands, ['check', 'erp', ...erpOrder], env);
    expect([
      overridden.code,
      overridden.out.includes(
        '✗ expired: took effect: erp."Payment Entry" 1 updated, erp."Sales Invoice" 1 updated. An expiry must not override paid',
      ),
    ]).toEqual([1, true]);
    cpSync(path.join(hostsDir, 'erp/expired.sql'), path.join(hosts, 'erp/expired.sql'));
  });

  it('exits with 1 and prints the place and the message of PostgreSQL as JSON', async () => {
    writeFileSync(path.join(hosts, 'pos/failed.sql'), 'update pos.payments\nset stat = :reference\nreturning id');
    const { code, out, err } = await runCommand(hostCommands, ['check', 'pos', '--json'], env);
    expect([code, err]).toEqual([1, 'error: host pos is not valid\n']);
    expect(JSON.parse(out).verdicts.flatMap(({ problems }: { problems: unknown[] }) => problems)).toMatchObject([
      { file: 'pos/failed.sql', line: 2, column: 5, postgres: 'column "stat" of relation "payments" does not exist' },
    ]);
    cpSync(path.join(hostsDir, 'pos/failed.sql'), path.join(hosts, 'pos/failed.sql'));
  });

  it('prints colours on a terminal only', async () => {
    const onTerminal = outputStream({ isTTY: true });
    await runCli('npm run hosts --', hostCommands, ['check', 'erp'], {
      env,
      in: process.stdin,
      out: onTerminal.stream,
      err: onTerminal.stream,
    });
    expect(onTerminal.text()).toContain('\u001b[32m✓\u001b[39m erp/order.sql: fits');
    expect((await runCommand(hostCommands, ['check', 'erp'], env)).out).not.toContain('\u001b');
  });

  it('requires the tenant of an order', async () => {
    const { code, err } = await runCommand(hostCommands, ['check', 'erp', '--order', 'x'], env);
    expect([code, err.split('\n')[0]]).toEqual([1, 'error: --tenant is missing']);
  });
});

describe('hosts grants', () => {
  it('prints statements that a DBA can run, with the files that need them', async () => {
    const { code, out, err } = await runCommand(hostCommands, ['grants', path.join(hosts, 'pos'), '--role', 'gateway'], env);
    expect([code, err]).toEqual([0, 'note: grants for functions and triggers are found only with --order and --tenant\n']);
    expect(out.split('\n')).toContain('grant select (id, merchant_id, code) on pos.outlets to "gateway";  -- order.sql');
  });

  it('adds with an order what triggers need', async () => {
    const grants = await runForJson<{ grant: string }[]>(hostCommands, ['grants', 'erp', '--role', 'gateway', ...erpOrder], env);
    expect(grants).toContainEqual({ grant: 'grant update on erp."Sales Invoice" to "gateway"', needed_by: ['triggers'] });
  });

  it('exits with 1 when the order cannot be charged, because triggers were not run', async () => {
    const { code, err } = await runCommand(hostCommands, ['grants', 'erp', '--order', 'INV/0', '--tenant', 'RSA'], env);
    expect([code, err]).toEqual([1, 'error: not proven: the order cannot be charged: there is no such order of this tenant\n']);
  });
});

describe('hosts conform', () => {
  it('runs every case, and reports each that is as expected', async () => {
    const { code, out } = await runCommand(hostCommands, ['conform', 'erp'], env);
    expect(code).toBe(0);
    expect(out).toContain('✓ erp/paid.sql: fits\n');
    expect(out).toContain('✓ half a rupiah is rounded up for the guest, and recorded exactly\n');
    expect(out).toMatch(/(\d+) of \1 cases as expected\n$/);
  });

  it('exits with 1 when a case is not as expected, with its line', async () => {
    const file = path.join(hosts, 'erp/tests/expect.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('due: 35772.5', 'due: 35772'));
    const { code, out, err } = await runCommand(hostCommands, ['conform', path.join(hosts, 'erp')], env);
    expect([code, err]).toEqual([1, 'error: erp does not do what its tests/expect.yaml expects\n']);
    expect(out).toContain('✗ half a rupiah is rounded up for the guest, and recorded exactly\n  line 8, read: due is 35772.5, not 35772\n');
  });

  it.each([
    ['a missing folder', 'nowhere', 'unknown host'],
    ['a folder without a host', '.', 'host.yaml: is missing: it describes the host'],
  ])('refuses %s', async (_, folder, sentence) => {
    const { code, err } = await runCommand(hostCommands, ['conform', path.join(hosts, folder)], env);
    expect([code, err.includes(sentence)]).toEqual([1, true]);
  });
});
