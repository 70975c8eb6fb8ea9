import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type MigrationLint, startMigrationLint } from '@gateway/testing/database/migration-lint';
import { migrations } from './index.ts';

let lint: MigrationLint;
const problems: Record<string, string[]> = {};
beforeAll(async () => {
  lint = await startMigrationLint();
  for (const migration of migrations) problems[migration.name] = await lint.problemsOf(migration);
});
afterAll(() => lint?.close());

it('every file of the folder is one of the migrations', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => /^\d/.test(name));
  const names = files.map((file) => /name: '([^']+)'/.exec(readFileSync(path.join(import.meta.dirname, file), 'utf8'))?.[1]);
  expect(names).toEqual(migrations.map(({ name }) => name));
});

it.each(migrations)('$name stops no till of a shop with ten million payments', ({ name }) => {
  expect(problems[name]).toEqual([]);
});

describe('a migration is refused that', () => {
  it.each<{ what: string; up: string | string[]; refusal: RegExp }>([
    {
      what: 'builds an index',
      up: 'create index payments_paid on gateway.payments (paid_at)',
      refusal: /builds the index gateway.payments_paid on gateway.payments .* "create index concurrently"/,
    },
    {
      what: 'builds an index of partitions',
      up: 'create index events_of_type on gateway.payment_events (type)',
      refusal: /builds the index gateway.events_of_type on gateway.payment_events /,
    },
    {
      what: 'adds a unique constraint',
      up: 'alter table gateway.refunds add constraint once unique (provider_refund_id)',
      refusal: /builds the index gateway.once .* "using index"/,
    },
    {
      what: 'drops an index',
      up: ['drop index gateway.payments_of_store'],
      refusal: /drops the index gateway.payments_of_store.*"drop index concurrently"/,
    },
    {
      what: 'adds a column with a volatile default',
      up: 'alter table gateway.payments add column token uuid default gen_random_uuid()',
      refusal: /copies every row of gateway.payments .* in batches/,
    },
    {
      what: 'adds such a column to partitions',
      up: 'alter table gateway.outbox add column token uuid default gen_random_uuid()',
      refusal: /copies every row of gateway.outbox /,
    },
    {
      what: 'changes the type of a column',
      up: 'alter table gateway.payments alter column version type bigint',
      refusal: /copies every row of gateway.payments /,
    },
    {
      what: 'builds an index anew',
      up: 'reindex index gateway.payments_pkey',
      refusal: /reads every row of gateway.payments while no till can write/,
    },
    {
      what: 'builds the indexes of partitions anew',
      up: ['reindex table gateway.payment_events'],
      refusal: /cannot run in a transaction.*"reindex index concurrently"/,
    },
    {
      what: 'sorts a table by an index',
      up: 'cluster gateway.attempts using attempts_pkey',
      refusal: /copies every row of gateway.attempts /,
    },
    { what: 'runs vacuum full', up: ['vacuum full gateway.attempts'], refusal: /cannot run in a transaction/ },
    {
      what: 'builds an index concurrently in a transaction',
      up: 'create index concurrently payments_paid on gateway.payments (paid_at)',
      refusal: /cannot run in a transaction.*as a statement of a list/,
    },
    {
      what: 'builds an index of the orders by API',
      up: 'create index orders_updated on till.orders (updated_at)',
      refusal: /builds the index till.orders_updated on till.orders /,
    },
    {
      what: 'adds a check that is validated at once',
      up: 'alter table gateway.payments add constraint positive check (version > 0)',
      refusal: /checks every row of gateway.payments for positive .* "not valid"/,
    },
    {
      what: 'adds a check and validates it in the same transaction',
      up: `alter table gateway.payments add constraint positive check (version > 0) not valid; alter table gateway.payments validate constraint positive`,
      refusal: /"validate constraint" in the next migration/,
    },
    {
      what: 'adds a foreign key that is validated at once',
      up: 'alter table gateway.releases add constraint of_payment foreign key (payment_id) references gateway.payments',
      refusal: /checks every row of gateway.releases for of_payment /,
    },
    {
      what: 'sets not null without a check',
      up: 'alter table gateway.payments alter column client_id drop not null; alter table gateway.payments alter column client_id set not null',
      refusal: /reads every row of gateway.payments .* "check \(… is not null\) not valid"/,
    },
    {
      what: 'changes all rows in one statement',
      up: `update gateway.payments set route = '[]' where route is null`,
      refusal: /changes or locks rows of gateway.payments in one statement.* in batches/,
    },
    {
      what: 'deletes rows inside a block',
      up: `do $$ begin delete from gateway.webhook_inbox where verdict = 'not_ours'; end $$`,
      refusal: /changes or locks rows of gateway.webhook_inbox /,
    },
    {
      what: 'changes all rows of a partition',
      up: 'update gateway.outbox_default set published_at = now()',
      refusal: /changes or locks rows of gateway.outbox /,
    },
    {
      what: 'locks all rows',
      up: 'select from gateway.payments for update',
      refusal: /changes or locks rows of gateway.payments .* in batches/,
    },
    { what: 'contains a character that a database in LATIN1 lacks', up: `select '…'`, refusal: /contains "…".* Write it in ASCII/ },
    { what: 'waits for a lock without an end', up: 'set local lock_timeout = 0', refusal: /sets lock_timeout\. Leave it out/ },
    {
      what: 'waits for one lock without an end',
      up: `set local lock_timeout = 0; alter table gateway.payments add column note text; set local lock_timeout = '100ms'`,
      refusal: /sets lock_timeout\. Leave it out/,
    },
  ])('$what', async ({ up, refusal }) => {
    expect((await lint.problemsOfExample(up)).join('\n')).toMatch(refusal);
  });
});

it('a migration that follows the advice of the refusals is accepted', async () => {
  const accepted: (string | string[])[] = [
    ['create index concurrently payments_paid on gateway.payments (paid_at)', 'drop index concurrently gateway.payments_paid'],
    ['reindex index concurrently gateway.payments_pkey'],
    `alter table gateway.payments add column note text, add column tries integer not null default 0`,
    'alter table gateway.payments add constraint positive check (version > 0) not valid',
    'alter table gateway.releases add constraint of_payment foreign key (payment_id) references gateway.payments not valid',
    'create table gateway.notes (payment_id text not null references gateway.payments, note text); create index notes_of on gateway.notes (payment_id)',
    'drop table gateway.releases',
  ];
  for (const up of accepted) expect(await lint.problemsOfExample(up)).toEqual([]);
  await lint.problemsOf({
    name: 'check',
    up: 'alter table gateway.payments add constraint named check (client_id is not null) not valid',
  });
  expect(await lint.problemsOf({ name: 'validate', up: 'alter table gateway.payments validate constraint named' })).toEqual([]);
  await lint.problemsOf({ name: 'drop', up: 'alter table gateway.payments alter column client_id drop not null' });
  expect(await lint.problemsOf({ name: 'set', up: 'alter table gateway.payments alter column client_id set not null' })).toEqual([]);
});
