import type { HostFolder } from '../src/host/index.ts';
import { folderLike, type HostTransaction, hostDatabase, inHost, must, readable, type TestHostDatabase } from './host-fixture.ts';

// A small till: orders keyed by an integer. The paid amount is the sum of the cash rows.
const schema = `
  create schema till;
  create table till."order" (no integer primary key, "total due" numeric(30, 12) not null, state text not null default 'open', edited timestamp(6) not null default '2026-03-01 12:00:00.123456');
  create table till.cash (no integer, amount numeric not null);
  create table till.qris (ref text, no integer, amount numeric not null check (amount > 0));
  insert into till."order" values (7, 25000.5), (8, 10000), (9, 1.000000000001), (2147483647, 5);
`;
export const till: Record<string, string | null> = {
  'host.yaml': `id: pos\nflavour: pos\ndatabase: POS_DATABASE_URL\ntimezone: Asia/Jakarta\nsession: { search_path: [till], set: { app.tenant: ":tenant" } }
money: { rounding: half_up, record: host_due, max_residue: "0.50" }\nreconcile: off\n`,
  'order.sql': `select o.no as order_key, 'one' as tenant, 'STORE' as store_id, o.no as order_number, 'IDR' as currency, o."total due" as total,
    (select coalesce(sum(amount), 0) from till.cash c where c.no = o.no) as paid, o.state = 'open' as payable, o.edited::text as version
    from till."order" o where o.no = :order_id::integer and 'one' = :tenant for update of o`,
  'items.sql': `select null as sku, 'Kopi' as name, 1 as quantity, "total due" as line_total from till."order" where no = :order_key::integer`,
  'charges.sql': null,
  'created.sql': `insert into till.qris values (:reference, :order_key::integer, :record_amount) returning ref as host_payment_key`,
  'paid.sql': `update till."order" set state = 'paid' where no = :order_key::integer and state = 'open' and edited = :order_version::timestamp returning no`,
  'expired.sql': null,
  'failed.sql': null,
  'cancelled.sql': null,
  'refunded.sql': null,
};

/** The till's database; set by `useTill` in `beforeAll`. */
export let db: TestHostDatabase;

/** Creates the till's tables before every test of the calling file, and drops them afterwards. */
export function useTill(): void {
  beforeAll(async () => {
    db = await hostDatabase(null);
  });
  afterAll(() => db.close());
  beforeEach(() => db.client.query(schema));
  afterEach(() => db.client.query('drop schema till cascade'));
}

export const tillWith = (files: Record<string, string | null> = {}): HostFolder => readable(folderLike('pos', { ...till, ...files }));
export const inTill = <T>(work: (transaction: HostTransaction) => Promise<T>, folder = tillWith(), tenant = 'one'): Promise<T> =>
  inHost(folder, db.client, tenant, work);
export const read = (orderId: string, files: Record<string, string | null> = {}, tenant = 'one') =>
  inTill(({ client, orders }) => orders.readPayable(client, { orderId, tenant }), tillWith(files), tenant);
export const orderSql = (from: string, to: string) => ({ 'order.sql': must(till['order.sql']).replace(from, to) });
export const rows = async (sql: string) => (await db.client.query(sql)).rows;

/** Resolves when a transaction waits for a lock. */
export async function waitForBlockedLock(): Promise<void> {
  for (;;) {
    const { rows: waiting } = await db.other.query('select 1 from pg_locks where not granted');
    if (waiting.length > 0) return;
  }
}
