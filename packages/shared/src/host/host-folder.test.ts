import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { folderLike, readable, referenceFolder } from '../../test/host-fixture.ts';
import { loadHosts } from './host-folder.ts';
import { formatProblem } from './host-problem.ts';

/** The problems of the POS folder with some of its files replaced. */
function problemsWith(files: Record<string, string | null>): string[] {
  const read = folderLike('pos', files);
  return 'errors' in read ? read.errors.map(formatProblem) : [];
}

const yaml = `id: pos
flavour: pos
database: POS_DATABASE_URL
timezone: Asia/Jakarta
money: { rounding: half_up, record: charged, max_residue: "0" }
reconcile: { tolerance: "0" }
`;
const yamlWith = (from: string | RegExp, to: string) => problemsWith({ 'host.yaml': yaml.replace(from, to) });

describe('a host folder', () => {
  it('describes the host', () => {
    expect(referenceFolder('erp')).toMatchObject({
      id: 'erp',
      flavour: 'erp',
      database: 'ERP_DATABASE_URL',
      timezone: 'Asia/Jakarta',
      searchPath: ['erp'],
      set: {},
      money: { rounding: 'half_up', record: 'host_due', maxResidue: '0.50', tolerance: '0.01' },
    });
  });

  it('may leave out what is optional', () => {
    const optional = ['charges', 'created', 'expired', 'failed', 'cancelled', 'refunded'].map((name) => [`${name}.sql`, null]);
    const folder = readable(
      folderLike('pos', { ...Object.fromEntries(optional), 'host.yaml': yaml.replace(/reconcile.*/, 'reconcile: off') }),
    );
    expect(Object.keys(folder.statements)).toEqual(['order', 'items', 'paid']);
    expect(folder).toMatchObject({ searchPath: null, money: { tolerance: null } });
  });

  it.each(['order', 'items', 'paid'])('is invalid without %s.sql', (name) => {
    expect(problemsWith({ [`${name}.sql`]: null })).toEqual([`pos/${name}.sql: is missing: every host needs it`]);
  });

  it('reports every problem at once, each with its place', () => {
    expect(problemsWith({ 'host.yaml': null, 'paid.sql': 'select :now,\n  $1', 'failed.sql': 'select :amuont' })).toEqual([
      'pos/host.yaml: is missing: it describes the host',
      'pos/paid.sql:2:3: $1 is not allowed. Use parameters by name, like :order_key',
      'pos/failed.sql:1:8: unknown parameter :amuont. For a plain colon, put a space after it',
    ]);
  });

  it('has no .sql file that is not the name of a statement', () => {
    expect(problemsWith({ 'refund.sql': 'select 1', 'Paid.sql': 'select 1' })).toEqual([
      expect.stringMatching(/^pos\/Paid\.sql: is not the name of a statement\. The names are order\.sql, items\.sql/),
      expect.stringMatching(/^pos\/refund\.sql: is not the name of a statement/),
    ]);
  });

  it('may hold other files, and files that begin with a byte order mark', () => {
    expect(problemsWith({ 'README.md': 'how we did it', 'host.yaml': `\uFEFF${yaml}`, 'failed.sql': '\uFEFFselect 1' })).toEqual([]);
  });
});

describe('host.yaml', () => {
  it.each([
    ['an unknown key', /$/, 'monney: 1\n', 'pos/host.yaml:7:1: monney is not a key of host.yaml'],
    [
      'an unknown key inside',
      'max_residue',
      'max_residu: "0", max_residue',
      'pos/host.yaml:5:46: money.max_residu is not a key of host.yaml',
    ],
    ['a missing key', /flavour.*\n/, '', 'pos/host.yaml:1:1: flavour must be pos or erp'],
    ['a missing section', /money.*\n/, '', 'pos/host.yaml:1:1: money is missing'],
    ['a key that stands twice', /$/, 'id: pos\n', 'pos/host.yaml:7:1: Map keys must be unique'],
    ['broken yaml', 'id: pos', 'id: [pos', 'pos/host.yaml:2:'],
    ['an id with a dash', 'id: pos', 'id: my-pos', 'pos/host.yaml:1:1: id must be 2 to 10 of a-z and 0-9, a letter first'],
    [
      'an id that is not the name of the folder',
      'id: pos',
      'id: till',
      'pos/host.yaml: says id till, but the folder is called pos: they must be the same',
    ],
    [
      'a URL in place of a variable',
      'POS_DATABASE_URL',
      'postgres://x',
      'pos/host.yaml:3:1: database must be the name of an environment variable, like POS_DATABASE_URL',
    ],
    ['an unknown time zone', 'Asia/Jakarta', 'Asia/Bandung', 'pos/host.yaml:4:1: timezone must be a time zone by name, like Asia/Jakarta'],
    [
      'an offset, which PostgreSQL reads with the opposite sign',
      'Asia/Jakarta',
      '"+07:00"',
      'pos/host.yaml:4:1: timezone must be a time zone by name, like Asia/Jakarta',
    ],
    [
      'a decimal that is not text',
      '"0" }\nrec',
      '0.5 }\nrec',
      'pos/host.yaml:5:46: money.max_residue must be a decimal in quotes, like "0.50"',
    ],
    [
      'a negative residue',
      '"0" }\nrec',
      '"-1" }\nrec',
      'pos/host.yaml:5:46: money.max_residue must be a decimal that is not negative, in quotes, like "0.50"',
    ],
    [
      'an unknown rounding',
      'half_up',
      'bankers',
      'pos/host.yaml:5:10: money.rounding must be half_up, half_even, up or down, not "bankers"',
    ],
    [
      'an invalid reconcile',
      '{ tolerance: "0" }',
      'on',
      'pos/host.yaml:6:1: reconcile must be off, or a tolerance like { tolerance: "0.01" }',
    ],
    [
      'another parameter in set',
      /$/,
      'session: { set: { app.tenant: ":store_id" } }\n',
      'pos/host.yaml:7:19: session.set.app.tenant :tenant is the only parameter here',
    ],
    [
      'a setting that has its own key',
      /$/,
      'session: { set: { TimeZone: UTC } }\n',
      'pos/host.yaml:7:19: session.set.TimeZone has a key of its own in this file',
    ],
    [
      'a setting that the gateway relies on',
      /$/,
      'session: { set: { datestyle: German } }\n',
      'pos/host.yaml:7:19: session.set.datestyle is what the gateway relies on',
    ],
    ...['role', 'deadlock_timeout', 'session_replication_role', 'synchronous_commit'].map((name): [string, RegExp, string, string] => [
      `the setting ${name}`,
      /$/,
      `session: { set: { ${name}: "0" } }\n`,
      `pos/host.yaml:7:19: session.set.${name} may not be set here`,
    ]),
    [
      'aliases that multiply without end',
      /$/,
      `session: { set: { a: &a [x, x, x], b: &b [${'*a, '.repeat(30)}], c: &c [${'*b, '.repeat(30)}], d: [${'*c, '.repeat(30)}] } }\n`,
      'pos/host.yaml: cannot be read as YAML: Excessive alias count',
    ],
    ['a list for a map', /^[\s\S]*$/, '- id: pos\n', 'pos/host.yaml:1:1:'],
    ['an empty file', /^[\s\S]*$/, '', 'pos/host.yaml:1:1:'],
  ])('is refused for %s, with its place', (_, from, to, problem) => {
    expect(yamlWith(from, to)).toEqual([expect.stringContaining(problem)]);
  });

  it('accepts settings for row security', () => {
    const folder = readable(
      folderLike('pos', {
        'host.yaml': `${yaml}session: { search_path: ["$user", "my schema"], set: { app.tenant: ":tenant", work_mem: 8MB } }\n`,
      }),
    );
    expect(folder).toMatchObject({ searchPath: ['$user', 'my schema'], set: { 'app.tenant': ':tenant', work_mem: '8MB' } });
  });
});

describe('a file with the URL of the database', () => {
  const folderWith = (url: string, file = 'pos/database.url') => {
    const directory = mkdtempSync(path.join(tmpdir(), 'host-url-'));
    const pos = path.join(directory, 'pos');
    cpSync(referenceFolder('pos').path, pos, { recursive: true });
    writeFileSync(path.join(pos, 'host.yaml'), yaml.replace('database: POS_DATABASE_URL', 'database_url_file: database.url'));
    writeFileSync(path.join(pos, 'database.url'), url);
    const { hosts, invalid } = loadHosts(directory, { needsTls: (name) => name === file });
    rmSync(directory, { recursive: true });
    return { urls: hosts.map(({ databaseUrl }) => databaseUrl), problems: invalid.flatMap(({ errors }) => errors.map(formatProblem)) };
  };
  const elsewhere = 'postgres://gateway:secret@db.example/pos';

  it.each([`${elsewhere}?sslmode=verify-full`, 'postgres://gateway:secret@127.0.0.1/pos'])('may be %s where TLS is needed', (url) => {
    expect(folderWith(url)).toEqual({ urls: [url], problems: [] });
  });

  it('is refused without TLS where it is needed, and the message does not show it', () => {
    expect(folderWith(elsewhere).problems).toEqual([
      'pos/database.url: must hold a URL with sslmode=verify-full in live mode, or be named in ALLOW_PLAINTEXT: pos/database.url',
    ]);
    expect(folderWith(elsewhere, 'another').urls).toEqual([elsewhere]);
  });
});

it('loads every host of a folder, also beside folders that hold a pipe, a device, a folder for a file, or are none', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'hosts-'));
  for (const id of ['beta', 'alpha', '.git', 'pipe', 'device', 'nested']) mkdirSync(path.join(directory, id));
  execFileSync('mkfifo', [path.join(directory, 'pipe/host.yaml'), path.join(directory, 'pipe/order.sql')]);
  symlinkSync('/dev/zero', path.join(directory, 'device/paid.sql'));
  mkdirSync(path.join(directory, 'nested/order.sql'));
  symlinkSync('/dev/null', path.join(directory, 'null'));
  writeFileSync(path.join(directory, 'README.md'), 'hosts');
  for (const [name, sql] of [
    ['order', 'select :order_id for update'],
    ['items', 'select 1'],
    ['paid', 'select 1'],
  ]) {
    writeFileSync(path.join(directory, 'alpha', `${name}.sql`), sql as string);
  }
  writeFileSync(path.join(directory, 'alpha', 'host.yaml'), yaml.replace('id: pos', 'id: alpha'));
  const { hosts, invalid } = loadHosts(directory);
  rmSync(directory, { recursive: true });
  expect(hosts.map(({ id }) => id)).toEqual(['alpha']);
  const problemOf = (file: string, message = 'is missing: it describes the host') =>
    expect.objectContaining({
      errors: expect.arrayContaining([expect.objectContaining({ file, message: expect.stringContaining(message) })]),
    });
  expect(invalid).toEqual([
    problemOf('beta/host.yaml'),
    problemOf('device/paid.sql', 'is not a regular file'),
    problemOf('nested/order.sql', 'is not a regular file'),
    problemOf('null', 'ENOTDIR'),
    problemOf('pipe/order.sql', 'is not a regular file'),
  ]);
});
