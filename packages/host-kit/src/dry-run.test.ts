import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HostFolder } from '@gateway/shared/host';
import { folderLike, hostDatabase, log, must, readable, referenceFolder, type TestHostDatabase } from '../../shared/test/host-fixture.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import { loadReference } from './load-reference.ts';

const now = new Date('2026-03-02T03:00:00.000Z');
let db: TestHostDatabase;
let pos: { orderId: string; tenant: string };
const erp = { orderId: 'INV/SMG/2026/00001', tenant: 'RSA' };

beforeAll(async () => {
  db = await hostDatabase(referenceFolder('pos'));
  await loadReference(db.client, referenceFolder('erp'), { demo: true });
  const { rows } = await db.client.query<{ id: string; tenant: string }>(
    "select o.id, t.merchant_id as tenant from pos.orders o join pos.outlets t on t.id = o.outlet_id where order_no = 'A-0005'",
  );
  pos = { orderId: must(rows[0]).id, tenant: must(rows[0]).tenant };
});
afterAll(() => db.close());

const run = (folder: HostFolder, order: { orderId: string; tenant: string }, url = db.url): Promise<DryRun> =>
  dryRun(folder, url, { ...order, now, log });
const posWith = (files: Record<string, string>) => run(readable(folderLike('pos', files)), pos);
const outcomes = ({ steps }: DryRun) =>
  steps.map(({ name, outcome }) => [name, outcome.kind === 'raised' ? outcome.postgres : outcome.kind]);

describe('a dry run of a payment', () => {
  it('reads the order, makes its bill, and counts the written rows per step and table', async () => {
    const paid = await run(referenceFolder('pos'), pos);
    expect(paid).toMatchObject({ refusal: null, read: { order: { orderNumber: 'A-0005' } }, bill: { residue: '0' } });
    expect(paid.items.reduce((sum, { price, quantity }) => sum + price * quantity, 0)).toBe(paid.bill?.amount);
    expect(paid.steps.map(({ name, outcome, rows }) => [name, outcome.kind, rows])).toEqual([
      ['created', 'took_effect', [{ table: 'pos.payments', inserted: 1, updated: 0, deleted: 0 }]],
      [
        'paid',
        'took_effect',
        [
          { table: 'pos.orders', inserted: 0, updated: 1, deleted: 0 },
          { table: 'pos.payments', inserted: 0, updated: 1, deleted: 0 },
        ],
      ],
      ['read again', 'nothing_due', []],
      ['paid again', 'refused', []],
      ['expired', 'refused', []],
      ['paid by both QRs', 'refused', []],
    ]);
  });

  it('counts the rows that triggers write', async () => {
    const { steps } = await run(referenceFolder('erp'), erp);
    expect(must(steps[1]).rows.map(({ table }) => table)).toEqual(['erp."Payment Entry"', 'erp."Sales Invoice"']);
  });

  it('leaves no row behind, also not in a table of counters', async () => {
    const rows = async () =>
      (await db.client.query('select external_ref from pos.payments union all select prefix from erp."Document Counter"')).rows;
    const before = await rows();
    await run(referenceFolder('erp'), erp);
    await run(referenceFolder('pos'), pos);
    expect(await rows()).toEqual(before);
  });

  it('finds the order by any spelling of its key', async () => {
    expect(await run(referenceFolder('pos'), { ...pos, orderId: pos.orderId.toUpperCase() })).toMatchObject({ refusal: null });
  });
});

describe('an order that cannot be charged', () => {
  it.each([
    ['does not exist', { orderId: 'INV/0', tenant: 'RSA' }, 'there is no such order of this tenant'],
    ["is another tenant's", { ...erp, tenant: 'KNJ' }, 'there is no such order of this tenant'],
    ['is a draft', { orderId: 'INV/JKT/2026/00105', tenant: 'RSA' }, 'it is not payable: the invoice is a draft'],
  ])('is refused with the reason when it %s', async (_, order, refusal) => {
    expect(await run(referenceFolder('erp'), order)).toMatchObject({ refusal, steps: [] });
  });

  it('is refused with each part when the parts do not add up to the total', async () => {
    const { refusal } = await posWith({
      'charges.sql': "select 'tax' as kind, o.tax as amount, false as included from pos.orders o where o.id = :order_key::uuid",
    });
    expect(refusal).toMatch(
      /^the lines and charges of the order do not add up to its total: 3 lines \d+ \+ tax \d+ is \d+ off the total \d+$/,
    );
  });
});

describe('a problem that only a run can show', () => {
  const created = (columns: string, values: string) =>
    `insert into pos.payments (id, order_id, method, amount, ${columns}) select gen_random_uuid(), o.id, 'qris', :amount, ${values} from pos.orders o where o.id = :order_key::uuid returning id as host_payment_key`;

  it('is found: a missing NOT NULL column', async () => {
    const found = await posWith({ 'created.sql': created('external_ref', ':reference') });
    expect(outcomes(found)).toEqual([
      [
        'created',
        expect.stringMatching(
          /^pos\/created\.sql: null value in column "updated_at" of relation "payments" violates not-null constraint \(/,
        ),
      ],
    ]);
  });

  it('is found: a value that a CHECK refuses', async () => {
    const sql = created('external_ref, updated_at', ':reference, :now').replace("'qris'", "'QRIS'");
    expect(outcomes(await posWith({ 'created.sql': sql }))).toEqual([
      ['created', expect.stringContaining('violates check constraint "payments_method_check"')],
    ]);
  });

  it('is found: a column that only a trigger names, and a sequence without a grant', async () => {
    await db.client.query(`
      create table pos.log (no serial, what text not null);
      create function pos.log_payment() returns trigger language plpgsql as $$ begin insert into pos.log (what) values (new.no_such_column); return null; end $$;
      create trigger log_payment after update on pos.payments for each row execute function pos.log_payment();`);
    expect(outcomes(await run(referenceFolder('pos'), pos))[1]).toEqual([
      'paid',
      expect.stringContaining('record "new" has no field "no_such_column"'),
    ]);

    await db.client.query(`create or replace function pos.log_payment() returns trigger language plpgsql as $$ begin insert into pos.log (what) values (new.status); return null; end $$;
      create role auditor login password 'auditor'; grant all on schema pos to auditor; grant all on all tables in schema pos to auditor;`);
    const url = new URL(db.url);
    url.username = 'auditor';
    url.password = 'auditor';
    expect(outcomes(await run(referenceFolder('pos'), pos, url.href))[1]).toEqual([
      'paid',
      expect.stringContaining('permission denied for sequence log_no_seq'),
    ]);
    await db.client.query('drop trigger log_payment on pos.payments; drop owned by auditor; drop role auditor');
  });

  it('is found: a payment that could be paid twice, or expire after it was paid', async () => {
    const twice = {
      'paid.sql': `with payment as (update pos.payments set status = 'settled', updated_at = :now where external_ref = :reference returning order_id)
        update pos.orders o set status = 'paid', paid_total = o.grand_total, updated_at = :now from payment p where o.id = p.order_id returning o.id`,
    };
    expect((await posWith(twice)).steps.map(({ name, asItShould }) => [name, asItShould])).toEqual([
      ['created', true],
      ['paid', true],
      ['read again', true],
      ['paid again', false],
    ]);
    const overriding = {
      'expired.sql': "update pos.payments set status = 'expired', updated_at = :now where external_ref = :reference returning id",
    };
    expect((await posWith(overriding)).steps.at(-1)).toMatchObject({ name: 'expired', asItShould: false });
  });

  it('is found: an order that is still owed after it was paid, unless the host says that it books later', async () => {
    const inbox = {
      'paid.sql': `update pos.payments set status = 'settled', updated_at = :now where external_ref = :reference and status = 'pending' returning id`,
    };
    const { steps, bill } = await posWith(inbox);
    expect(steps.at(-1)).toEqual({ name: 'read again', outcome: { kind: 'due', amount: bill?.amount }, asItShould: false, rows: [] });
    const yaml = readFileSync(path.join(referenceFolder('pos').path, 'host.yaml'), 'utf8');
    const later = await posWith({ ...inbox, 'host.yaml': `${yaml}books: later\n` });
    expect(later.steps.find(({ name }) => name === 'read again')).toMatchObject({ outcome: { kind: 'due' }, asItShould: true });
  });

  it('is found: an order that takes the money of two QRs', async () => {
    const both = {
      'paid.sql': `with payment as (
          update pos.payments set status = 'settled', updated_at = :now where external_ref = :reference and status in ('pending', 'expired') returning order_id)
        update pos.orders o set status = 'paid', paid_total = o.grand_total, updated_at = :now from payment p where o.id = p.order_id returning o.id`,
    };
    expect((await posWith(both)).steps.at(-1)).toMatchObject({
      name: 'paid by both QRs',
      outcome: { kind: 'took_effect' },
      asItShould: false,
    });
  });

  it('is found: a host that makes no other payment after a QR has expired', async () => {
    await db.client.query(
      'create unique index one_payment on pos.payments (order_id) where order_id = $1'.replace('$1', `'${pos.orderId}'`),
    );
    const { steps } = await run(referenceFolder('pos'), pos);
    await db.client.query('drop index pos.one_payment');
    expect(steps.at(-1)).toMatchObject({ name: 'created anew', outcome: { kind: 'raised' }, asItShould: false });
  });
});
