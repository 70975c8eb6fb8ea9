import { checkHost } from '@gateway/shared/host';
import { folderLike, hostDatabase, log, must, readable, referenceFolder, type TestHostDatabase } from '../../shared/test/host-fixture.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import { type Grant, grantsOf } from './grants.ts';
import { proveGrants } from './prove-grants.ts';

const now = new Date('2026-03-02T03:00:00.000Z');
const role = 'gateway_alone';
const erpFiles = (names: string) => names.split(' ').map((name) => `erp/${name}.sql`);
const hosts: Record<'pos' | 'erp', { order: string; sample: Grant[]; triggers: Grant[] }> = {
  pos: {
    order: "select o.id, t.merchant_id as tenant from pos.orders o join pos.outlets t on t.id = o.outlet_id where o.order_no = 'A-0002'",
    sample: [
      { right: 'select (order_id, line_no, sku, name, qty, line_total, note, voided_at) on pos.order_items', neededBy: ['pos/items.sql'] },
      { right: 'update (status, paid_total, version, updated_at) on pos.orders', neededBy: ['pos/order.sql', 'pos/paid.sql'] },
    ],
    triggers: [],
  },
  erp: {
    order: `select 'INV/SMG/2026/00101' as id, 'RSA' as tenant`,
    sample: [
      { right: 'usage on schema erp', neededBy: erpFiles('order items charges created paid expired failed cancelled') },
      { right: 'insert (prefix, last_value) on erp."Document Counter"', neededBy: ['erp/created.sql'] },
    ],
    triggers: [{ right: 'update on erp."Sales Invoice"', neededBy: ['triggers'] }],
  },
};

describe.each(['pos', 'erp'] as const)('the grants of the %s host', (id) => {
  const folder = referenceFolder(id);
  let db: TestHostDatabase;
  let order: { orderId: string; tenant: string };
  let roleUrl: string;
  let grants: Grant[];

  beforeAll(async () => {
    db = await hostDatabase(folder);
    const { rows } = await db.client.query<{ id: string; tenant: string }>(hosts[id].order);
    order = { orderId: must(rows[0]).id, tenant: must(rows[0]).tenant };
    const url = new URL(db.url);
    url.username = role;
    url.password = 'alone';
    roleUrl = url.href;
    await db.client.query(`create role ${role} login password 'alone'`);
    const proof = await proveGrants(folder, db.url, await grantsOf(folder, db.url), { ...order, now, log });
    expect(proof.gaps).toEqual([]);
    grants = proof.grants;
    for (const { right } of grants) await db.client.query(`grant ${right} to ${role}`);
  });
  afterAll(async () => {
    await db.client.query(`drop owned by ${role}; drop role ${role}`);
    await db.close();
  });

  const run = (url: string): Promise<DryRun> => dryRun(folder, url, { ...order, now, log });
  /** The errors that the role sees with its current grants. */
  async function reportedErrors(): Promise<string[]> {
    const { verdicts } = await checkHost(folder, roleUrl);
    const found = verdicts.flatMap(({ problems }) => problems.map(({ postgres }) => must(postgres)));
    if (found.length > 0) return found;
    const { refusal, steps } = await run(roleUrl);
    return [...(refusal ? [refusal] : []), ...steps.flatMap(({ outcome }) => (outcome.kind === 'raised' ? [outcome.postgres] : []))];
  }

  it('are enough', async () => {
    expect(await reportedErrors()).toEqual([]);
    const { steps } = await run(roleUrl);
    expect(steps.map(({ name }) => name)).toEqual(['created', 'paid', 'read again', 'paid again', 'expired', 'paid by both QRs']);
    expect(steps.filter(({ asItShould }) => !asItShould)).toEqual([]);
  });

  it('are all needed, and a missing one is reported with the message of PostgreSQL', async () => {
    for (const { right } of grants) {
      await db.client.query(`revoke ${right} from ${role}`);
      const [first] = await reportedErrors();
      expect(`without ${right}: ${first}`).toContain('permission denied for ');
      await db.client.query(`grant ${right} to ${role}`);
    }
  });

  it('name each needed column, and the files that need it', () => {
    expect(grants).toEqual(expect.arrayContaining(hosts[id].sample));
    expect(grants.filter(({ neededBy }) => neededBy.includes('triggers'))).toEqual(hosts[id].triggers);
  });
});

describe('the grants of a host with functions and triggers', () => {
  it('are widened until every write passes, and `check` names each one that is missing', async () => {
    const folder = referenceFolder('pos');
    const db = await hostDatabase(folder);
    await db.client.query(`
      create table pos.points (order_id uuid, points int, kept text);
      create table pos.log (no serial, what text not null);
      alter table pos.payments add column seen timestamptz;
      create function pos.log_payment() returns trigger language plpgsql as $$ begin
        update pos.payments set seen = now() where id = new.id and seen is null;
        insert into pos.log (what) select new.status from pos.points p where p.order_id = new.order_id having true;
        if new.status = 'refunded' then delete from pos.points where order_id = new.order_id; end if;
        return null; end $$;
      create trigger log_payment after update of status on pos.payments for each row execute function pos.log_payment();`);
    const { rows } = await db.client.query<{ id: string; tenant: string }>(hosts.pos.order);
    const order = { orderId: must(rows[0]).id, tenant: must(rows[0]).tenant };
    const ofStatements = await grantsOf(folder, db.url);
    const { grants, gaps } = await proveGrants(folder, db.url, ofStatements, { ...order, now, log });
    expect(gaps).toEqual([]);
    expect(
      grants
        .filter(({ neededBy }) => neededBy.includes('triggers'))
        .map(({ right }) => right)
        .toSorted(),
    ).toEqual([
      'delete on pos.points',
      'insert on pos.log',
      'select on pos.payments',
      'select on pos.points',
      'update on pos.payments',
      'usage on sequence pos.log_no_seq',
    ]);
    expect((await db.client.query("select from pg_roles where rolname like 'gateway_proof%'")).rows).toEqual([]);

    const url = new URL(db.url);
    Object.assign(url, { username: 'trigger_role', password: 'alone' });
    await db.client.query("create role trigger_role login password 'alone'");
    const denied = async () => {
      const { steps } = await dryRun(folder, url.href, { ...order, now, log });
      return steps.flatMap(({ name, outcome }) => (outcome.kind === 'raised' ? [`${name}: ${outcome.postgres}`] : []));
    };
    for (const { right } of grants) await db.client.query(`grant ${right} to trigger_role`);
    expect(await denied()).toEqual([]);
    await db.client.query('revoke delete on pos.points from trigger_role');
    expect(await denied()).toEqual(['refunded: pos/refunded.sql: permission denied for table points']);
    await db.client.query('drop owned by trigger_role; drop role trigger_role');
    await db.close();
  });
});

it('grants include sequences, and functions that PUBLIC may not execute', async () => {
  const db = await hostDatabase(referenceFolder('pos'), { demo: false });
  await db.client.query(`
    create table pos.slip (no serial primary key, ref text, kept boolean generated always as (true) stored);
    create table pos.strip (no bigint generated always as identity, ref text);
    create function pos.word(text) returns text language sql as 'select $1';
    revoke execute on function pos.word from public;`);
  const sql = `with s as (insert into pos.slip (ref) values (pos.word(:reference)) returning no), t as (insert into pos.strip (ref) values (:reference))
    select s.no from s;  -- the end`;
  const grants = await grantsOf(readable(folderLike('pos', { 'failed.sql': sql })), db.url);
  expect(grants.filter(({ neededBy }) => neededBy.join() === 'pos/failed.sql').map(({ right }) => right)).toEqual([
    'select (no) on pos.slip',
    'insert (ref) on pos.slip',
    'insert (ref) on pos.strip',
    'usage on sequence pos.slip_no_seq',
    'execute on function pos.word(text)',
  ]);
  await db.close();
});
