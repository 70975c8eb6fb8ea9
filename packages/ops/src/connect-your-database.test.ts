import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import pg from 'pg';
import { runCommand, runForJson } from '../test/run-command.ts';
import { hostCommands } from './commands/host-commands.ts';

// Follows docs/connect-your-database.md: the files that it shows are those of the example, and its outputs are the real ones.
const guide = readFileSync(path.join(checkoutDir, 'docs/connect-your-database.md'), 'utf8');
const blocks = [...guide.matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```$/gm)].map(([, language, text = '']) => ({ language, text }));
const shown = blocks.flatMap(({ text }) => {
  const [, file, body] = /^(?:--|#) ((?:hosts|examples)\/warung\/\S+)\n([\s\S]*)$/.exec(text) ?? [];
  return file && body ? [{ file, body }] : [];
});
const outputs = blocks.filter(({ language }) => language === 'text').map(({ text }) => text.trimEnd());
const order = ['--order', '1', '--tenant', 'warung'];

let database: TestDatabase;
let client: pg.Client;
let dir: string;
let env: NodeJS.ProcessEnv;

/** Writes the host folder as the reader of the guide has it. */
function writeFolder(): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(path.join(dir, 'warung/tests'), { recursive: true });
  for (const { file, body } of shown.filter((each) => each.file.startsWith('hosts/'))) writeFileSync(path.join(dir, '..', file), body);
  cpSync(path.join(checkoutDir, 'examples/warung/tests'), path.join(dir, 'warung/tests'), { recursive: true });
}

beforeAll(async () => {
  dir = path.join(mkdtempSync(path.join(tmpdir(), 'guide-')), 'hosts');
  database = await freshDatabase(null);
  client = new pg.Client(database.url);
  client.on('error', () => {}); // its database is dropped at the end
  await client.connect();
  env = { WARUNG_DATABASE_URL: database.url, HOSTS_DIR: dir };
  for (const file of ['schema.sql', 'demo.sql'])
    await client.query(readFileSync(path.join(checkoutDir, 'examples/warung/reference', file), 'utf8'));
});
afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(path.dirname(dir), { recursive: true });
});
beforeEach(writeFolder);

const change = (file: string, from: string | RegExp, to: string) => {
  const at = path.join(dir, 'warung', file);
  writeFileSync(at, readFileSync(at, 'utf8').replace(from, to));
};

it('the guide shows every file of the example as it is', () => {
  for (const { file, body } of shown)
    expect([file, body]).toEqual([file, readFileSync(path.join(checkoutDir, file.replace('hosts/', 'examples/')), 'utf8')]);
  expect(shown.map(({ file }) => path.basename(file)).sort()).toEqual([
    'cancelled.sql',
    'charges.sql',
    'created.sql',
    'expired.sql',
    'failed.sql',
    'host.yaml',
    'items.sql',
    'order.sql',
    'paid.sql',
    'schema.sql',
  ]);
  const cases = readFileSync(path.join(checkoutDir, 'examples/warung/tests/expect.yaml'), 'utf8');
  const shownCases = blocks.filter(({ text }) => text.startsWith('- case'));
  expect(shownCases).toHaveLength(1);
  for (const { text } of shownCases) expect(cases).toContain(text.replace(/^(?=.)/gm, '  '));
});

describe('a reader of the guide', () => {
  it('checks the reads before any write exists', async () => {
    for (const file of ['created', 'expired', 'failed', 'cancelled']) rmSync(path.join(dir, `warung/${file}.sql`));
    writeFileSync(path.join(dir, 'warung/paid.sql'), "select 'nothing' as ok\n");
    const { code, out } = await runCommand(hostCommands, ['check', 'warung'], env);
    expect([code, out.trimEnd()]).toEqual([0, outputs[0]]);
  });

  it('simulates a payment and sees the rows that it would write', async () => {
    const { code, out } = await runCommand(hostCommands, ['check', 'warung', ...order], env);
    expect([code, out.trimEnd().split('\n\n')[1]]).toEqual([0, outputs[1]]);
  });

  it('runs every case beside existing rows', async () => {
    const { code, out } = await runCommand(hostCommands, ['conform', path.join(dir, 'warung')], env);
    expect([code, out.includes('18 of 18 cases as expected')]).toEqual([0, true]);
  });

  it('connects with a role that has the printed grants and nothing else', async () => {
    await client.query("create role warung_gateway login password 'choose one'");
    const grants = await runForJson<{ grant: string }[]>(hostCommands, ['grants', 'warung', '--role', 'warung_gateway', ...order], env);
    for (const { grant } of grants) await client.query(grant);
    expect(grants.map(({ grant }) => grant)).toContain('grant usage on sequence warung.payment_id_seq to "warung_gateway"');
    const roleUrl = new URL(database.url);
    roleUrl.username = 'warung_gateway';
    roleUrl.password = 'choose one';
    const asGateway = { ...env, WARUNG_DATABASE_URL: roleUrl.href };
    expect(await runCommand(hostCommands, ['check', 'warung', ...order], asGateway)).toMatchObject({ code: 0, err: '' });

    await client.query('revoke update on warung.bill from warung_gateway');
    for (const column of ['is_paid', 'updated_at']) await client.query(`revoke update (${column}) on warung.bill from warung_gateway`);
    const { code, out } = await runCommand(hostCommands, ['check', 'warung'], asGateway);
    expect([code, out]).toEqual([1, expect.stringContaining(`${outputAbout('permission denied')}\n`)]);
    await client.query('drop owned by warung_gateway; drop role warung_gateway');
  });
});

/** The one output in the guide that contains these words. */
function outputAbout(words: string): string {
  const found = outputs.filter((each) => each.includes(words));
  if (found.length !== 1 || !found[0]) throw new Error(`the guide has ${found.length} outputs that contain ${words}`);
  return found[0];
}

describe('a mistake that the guide describes gives the output that it shows', () => {
  it('a column was renamed', async () => {
    await client.query('alter table warung.bill rename column total_sen to amount_sen');
    const { code, out } = await runCommand(hostCommands, ['check', 'warung'], env);
    await client.query('alter table warung.bill rename column amount_sen to total_sen');
    expect([code, out]).toEqual([1, expect.stringContaining(`${outputAbout('may have been renamed')}\n`)]);
  });

  it.each([
    ['a value that the enum does not have', 'created.sql', "b.id, 'qris'", "b.id, 'QRIS'", 'invalid input value for enum', []],
    ['an order that is not locked', 'order.sql', 'for update of b', '', 'does not lock the order', []],
    ['a key that is not cast', 'items.sql', ':order_key::integer', ':order_key', 'operator does not exist', []],
    ['a NOT NULL column that is missing', 'created.sql', /, updated_at\)([\s\S]*?), :now/, ')$1', 'violates not-null constraint', order],
    ['a removed line that is charged', 'items.sql', ' and not l.taken_off', '', 'do not add up', order],
    ['a paid order that still looks unpaid', 'order.sql', /case when b\.is_paid then.*end as paid/, '0 as paid', 'still due', order],
    ['a payment that can be paid twice', 'paid.sql', /not b\.is_paid and | and p\.state <> 'P'/g, '', 'A second run', order],
  ])('%s', async (_, file, from, to, words, orderArgs) => {
    change(file, from, to);
    const { code, out } = await runCommand(hostCommands, ['check', 'warung', ...orderArgs], env);
    expect([code, out]).toEqual([1, expect.stringContaining(outputAbout(words))]);
  });
});
