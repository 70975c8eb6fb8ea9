import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkHost, formatProblem, type HostFolder, readHostFolder } from '@gateway/shared/host';
import { till } from '../../shared/src/store/migrations/0010-till.ts';
import { hostDatabase, log, readable, referenceFolder, type TestHostDatabase } from '../../shared/test/host-fixture.ts';
import { type CaseVerdict, conform } from './conformance.ts';
import { type Expectations, readExpectations } from './expectations.ts';

const checkoutDir = path.resolve(referenceFolder('pos').path, '../..');
const scratch = mkdtempSync(path.join(tmpdir(), 'conformance-'));
let db: TestHostDatabase; // shared by all hosts of this file: each runs in a transaction that is rolled back
beforeAll(async () => {
  db = await hostDatabase(null);
});
afterAll(async () => {
  await db.close();
  rmSync(scratch, { recursive: true });
});

/** Creates the tables of a host, and drops those of another host with the same schema. */
async function makeTables(folder: HostFolder, schema: string): Promise<void> {
  await db.client.query(`drop schema if exists ${folder.searchPath?.[0]} cascade`);
  await db.client.query(schema === 'migration' ? String(till.up) : readFileSync(path.join(folder.path, schema), 'utf8'));
}

const hostAt = (where: string): HostFolder => readable(readHostFolder(path.resolve(checkoutDir, where)));

function expectationsOf(folder: HostFolder): Expectations {
  const read = readExpectations(folder.path);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems, null, 2));
  return read;
}

/** The example host, with every file of it rewritten. */
function warungLike(name: string, rewrite: (text: string, file: string) => string): HostFolder {
  const dir = path.join(scratch, name.replaceAll(/\W/g, '-'), 'warung');
  cpSync(path.join(checkoutDir, 'examples/warung'), dir, { recursive: true });
  for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((each) => /\.(sql|yaml)$/.test(each)))
    writeFileSync(path.join(dir, file), rewrite(readFileSync(path.join(dir, file), 'utf8'), file));
  return hostAt(dir);
}

/** The example host with another key type, in its tables and in every statement. */
function keyedBy(type: string, keyOf: (id: string) => string, otherSpelling: string | null): HostFolder {
  const inYaml = (text: string) =>
    (otherSpelling === null
      ? text.replace(/ {2}- case: one key has one spelling[\s\S]*?\n\n/, '')
      : text.replace('"0900001"', `"${otherSpelling}"`)
    ).replace(/(order(?:_key)?): (90000\d)/g, (_, name, id) => `${name}: "${keyOf(id)}"`);
  return warungLike(type, (text, file) =>
    (file.endsWith('.yaml') ? inYaml(text) : text)
      .replace(/(?<=[(] ?|= |^\()\b90000\d\b/gm, (id) => `'${keyOf(id)}'`)
      .replaceAll(/(order_id|order_key)::integer/g, `$1::${type}`)
      .replace(/(table warung\.bill \(\n {2}id) serial/, `$1 ${type}`)
      .replaceAll('bill_id integer', `bill_id ${type}`),
  );
}

describe.each([
  ['hosts/pos', 'reference/schema.sql', () => hostAt('hosts/pos')],
  ['hosts/erp', 'reference/schema.sql', () => hostAt('hosts/erp')],
  ['hosts/till', 'migration', () => hostAt('hosts/till')],
  ['examples/warung', 'reference/schema.sql', () => hostAt('examples/warung')],
])('the host %s', (_where, schema, open) => {
  conforms(open(), schema);
});

function conforms(folder: HostFolder, schema: string): void {
  const expectations = expectationsOf(folder);
  let verdicts: CaseVerdict[];
  let inParts: CaseVerdict[];
  beforeAll(async () => {
    await makeTables(folder, schema);
    verdicts = await conform(folder, expectations, db.url, { now: new Date(), log });
    inParts = await conform(folder, expectations, db.url, { now: new Date(), log, inParts: true });
  });

  it('does the same when its statements are parts of larger ones', () => {
    expect(inParts).toEqual(verdicts);
  });

  it('fits its tables', async () => {
    const { verdicts: files } = await checkHost(folder, db.url);
    expect(files.flatMap(({ problems }) => problems.map(formatProblem))).toEqual([]);
  });

  it.each(expectations.cases.map(({ name }) => name))('%s', (name) => {
    expect(verdicts.filter((verdict) => verdict.name === name)).toEqual([{ name, problems: [] }]);
  });
}

describe.each([
  ['bigint', (id: string) => `90071992547${id}`, '090071992547900001'],
  ['numeric(10)', (id: string) => id, '900001.0'],
  ['uuid', (id: string) => `abcdef00-0000-4000-8000-000000${id}`, 'ABCDEF00-0000-4000-8000-000000900001'],
  ['text', (id: string) => `NOTA/é/${id}`, null],
] as const)('a host whose keys are %s', (type, keyOf, otherSpelling) => {
  conforms(keyedBy(type, keyOf, otherSpelling), 'reference/schema.sql');
});

describe('a host whose names are reserved words or have spaces', () => {
  const renamed = warungLike('quoted', (text) =>
    text
      .replaceAll('warung.bill_line', 'warung."Order Line"')
      .replaceAll(/warung\.bill\b/g, 'warung."order"')
      .replaceAll(/\btable_no\b/g, '"table"')
      .replaceAll(/\bis_paid\b/g, '"default"')
      .replaceAll(/gives: (.*)"default"/g, 'gives: $1default'),
  );
  conforms(renamed, 'reference/schema.sql');
});

describe('a host that does not do as expected', () => {
  beforeAll(() => makeTables(hostAt('examples/warung'), 'reference/schema.sql'));

  const problemsOf = async (name: string, rewrite: (text: string, file: string) => string) => {
    const folder = warungLike(name, rewrite);
    const verdicts = await conform(folder, expectationsOf(folder), db.url, { now: new Date(), log });
    return Object.fromEntries(verdicts.filter(({ problems }) => problems.length > 0).map((verdict) => [verdict.name, verdict.problems]));
  };
  const inFile = (target: string, from: string, to: string) => (text: string, file: string) =>
    file === target ? text.replaceAll(from, to) : text;

  it.each([
    [
      'a removed line that is charged',
      inFile('items.sql', ' and not l.taken_off', ''),
      'a bill is read as the guest sees it',
      'line 8, read: it cannot be charged: the lines and charges of the order do not add up to its total: 3 lines 53000 + discount 0.00 + service_charge 2500.00 is 3000 off the total 52500.00',
    ],
    [
      'a wrong amount',
      inFile('tests/expect.yaml', 'amount: 35773,', 'amount: 35772,'),
      'half a rupiah is rounded up for the guest, and kept exact in the row',
      'line 27, read: amount is 35773, not 35772',
    ],
    [
      'a tenant that is ignored',
      inFile('order.sql', " and :tenant = 'warung'", ' and :tenant is not null'),
      'a bill is read as the guest sees it',
      'line 8, read: tenant "other_tenant" finds the order too',
    ],
    [
      'a row with another state',
      inFile('created.sql', "state = 'W'", "state = 'X'"),
      'the payment row is reused',
      'line 88, query: row 1: state is X, not W',
    ],
    [
      'a missing condition',
      inFile('expired.sql', " and state = 'W'", ''),
      'a bill is read as the guest sees it',
      'of a payment that is made and paid: expired was took_effect',
    ],
    [
      'a paid amount that does not rise',
      inFile('order.sql', 'case when b.is_paid then b.total_sen * 0.01 else 0 end', '0'),
      'a bill is read as the guest sees it',
      'of a payment that is made and paid: read again was due: 52500',
    ],
  ])('is reported for %s, with its line', async (name, rewrite, of, problem) => {
    const found = await problemsOf(name, rewrite);
    expect(found[of]?.join()).toContain(problem);
  });

  it('is reported with all of its cases at once, and nothing stays in the tables', async () => {
    const found = await problemsOf('renamed', inFile('paid.sql', "state = 'P'", "state = 'L'"));
    expect(Object.keys(found).length).toBeGreaterThan(5);
    expect(found['the bill was paid in cash first']).toBeUndefined();
    expect((await db.client.query('select from warung.outlet')).rows).toEqual([]);
  });

  it('runs as the role that is given, and a right that the role lacks is reported', async () => {
    const folder = hostAt('examples/warung');
    const role = `Conform ${Math.random()}`;
    await db.client.query(`create role "${role}"`);
    const verdicts = await conform(folder, expectationsOf(folder), db.url, { now: new Date(), log, role });
    expect(verdicts[0]?.problems.join()).toContain('permission denied for schema warung');
    await db.client.query(`drop role "${role}"`);
  });

  it('gives each refund of a case an id of its own, and adds up their total', async () => {
    await db.client.query('create table warung.refund (id text primary key, amount bigint, total bigint)');
    const name = 'refunds';
    warungLike(name, (text) => text);
    const dir = path.join(scratch, name, 'warung');
    writeFileSync(
      path.join(dir, 'refunded.sql'),
      'insert into warung.refund values (:refund_id, :refund_amount, :refunded_total) returning id',
    );
    writeFileSync(
      path.join(dir, 'tests/expect.yaml'),
      `tenant: warung
seed: [seed.sql]
cases:
  - case: two refunds
    order: 900001
    steps:
      - created: took_effect
      - paid: took_effect
      - { refunded: took_effect, with: { refund_amount: 1000 } }
      - { refunded: took_effect, with: { refund_amount: 500 } }
      - query: select amount, total from warung.refund order by total
        gives: [{ amount: 1000, total: 1000 }, { amount: 500, total: 1500 }]
`,
    );
    const folder = hostAt(dir);
    expect(await conform(folder, expectationsOf(folder), db.url, { now: new Date(), log })).toEqual([
      { name: 'two refunds', problems: [] },
    ]);
    await db.client.query('drop table warung.refund');
  });

  it('is refused for a seed that fails, with its file and the message of PostgreSQL', async () => {
    await expect(problemsOf('seed', inFile('tests/seed.sql', 'outlet (id', 'outlet (no'))).rejects.toThrow(
      'warung/tests/seed.sql: column "no" of relation "outlet" does not exist',
    );
  });

  it.each([
    ['the seed', inFile('tests/seed.sql', 'insert into warung.bill ', 'commit; insert into warung.bill ')],
    [
      'the seed, by a procedure',
      inFile(
        'tests/seed.sql',
        'insert into warung.bill ',
        'create procedure warung.ends() language plpgsql as $$$$ begin commit; end $$$$; call warung.ends(); insert into warung.bill ',
      ),
    ],
    ['a step', inFile('tests/expect.yaml', 'steps:', 'steps:\n      - sql: "commit"')],
    ['a query', inFile('tests/expect.yaml', 'steps:', 'steps:\n      - { query: "select 1 as a; commit", gives: [{ a: 1 }] }')],
  ])('takes back everything also when %s ends with commit', async (_, rewrite) => {
    const found = await problemsOf(`commit in ${_}`, rewrite).catch((error: Error) => error.message);
    expect(JSON.stringify(found)).toMatch(/transaction|cannot insert multiple commands|EXECUTE/);
    expect((await db.client.query('select from warung.outlet')).rows).toEqual([]);
  });

  it.each([
    ['an unknown key', 'read:', 'raed:', 'warung/tests/expect.yaml:8:9: cases.0.steps.0.raed is not a key of expect.yaml'],
    [
      'two verbs in one step',
      '- created: took_effect',
      '- { created: took_effect, paid: took_effect }',
      'must have exactly one of read, not_payable',
    ],
    ['a missing seed', 'seed.sql', 'sede.sql', 'names the seed sede.sql, which does not exist'],
    ['no tenant', 'tenant: warung\n', '', 'case "a bill is read as the guest sees it" has no tenant, and the file has no default'],
    ['a timestamp without a zone', '17:30:00Z', '17:30:00', 'must be a timestamp with its zone'],
  ])('is refused for %s in expect.yaml, with its place', (name, from, to, problem) => {
    const { path: folder } = warungLike(`file ${name}`, inFile('tests/expect.yaml', from, to));
    const read = readExpectations(folder);
    expect('problems' in read && read.problems.map(formatProblem).join()).toContain(problem);
  });
});
