import { randomUUID } from 'node:crypto';
import { createHosts, type Hosts, loadHosts, readStatement } from '@gateway/shared/host';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { createLogger, newUlid } from '@gateway/shared/runtime';
import type { clients } from '@gateway/shared/store';
import type pg from 'pg';
import { hostsDir } from '../checkout.ts';
import { addToOrder, anOrder, payInCash, reopenOrder, voidOrder } from './pos-orders.ts';

export type HostId = 'pos' | 'erp';

/** How the two hosts are connected. */
export interface BothHostsOptions {
  /** Connections to each database; default 10. */
  max?: number;
  /** `lock_timeout` of the hosts, milliseconds. Shorter than in a shop, because a test may hold a lock for ever. */
  lockTimeoutMs?: number;
  /** Wraps each database, for example to inject faults. */
  wrapDatabase?: (db: Database) => Database;
  /** Replaces `created.sql` of both hosts. */
  created?: string;
}

/** Connects both reference hosts to copies of the template database: the same one, or one each. */
export async function startBothHosts(urls: Record<HostId, string>, options: BothHostsOptions = {}): Promise<Hosts> {
  const { max = 10, lockTimeoutMs, wrapDatabase = (db) => db, created } = options;
  const { hosts: folders, invalid } = loadHosts(hostsDir);
  const adjusted = folders.map((folder) => ({
    ...folder,
    ...(lockTimeoutMs ? { set: { ...folder.set, lock_timeout: `${lockTimeoutMs}ms` } } : {}),
    ...(created ? { statements: { ...folder.statements, created: readStatement('created', `${folder.id}/created.sql`, created) } } : {}),
  }));
  return createHosts({
    hosts: adjusted,
    invalid,
    urls: { POS_DATABASE_URL: urls.pos, ERP_DATABASE_URL: urls.erp, TILL_DATABASE_URL: urls.pos },
    connect: (url) => wrapDatabase(connectDatabase(url, { name: 'test', max })),
    isUsedWhileFailing: true,
    log: createLogger('test', 'silent'),
  });
}

type Db = Pick<pg.Pool, 'query'>;

/** What the POS or ERP itself does to its orders, in its own tables. */
export interface HostSoftware {
  tenant: string;
  /** Inserts an order of one dish. @returns its order key */
  anOrder(db: Db, total: number): Promise<string>;
  payInCash(db: Db, order: string): Promise<void>;
  addDish(db: Db, order: string, amount: number): Promise<void>;
  void(db: Db, order: string): Promise<void>;
  /** Reopens a paid order with `amount` due. */
  reopen(db: Db, order: string, amount: number): Promise<void>;
  /** The statement that locks the order `$1`. */
  lock: string;
  /** The status of an order, in the host's own words. */
  stateOf(db: Db, order: string): Promise<string>;
  /** The statuses of the gateway's payments of an order, in the host's own words. */
  paymentsOf(db: Db, order: string): Promise<string[]>;
  /** Adds a trigger that refuses the gateway's payments by an error, or removes it. */
  setFailingTrigger(db: Db, on: boolean): Promise<void>;
}

const failingTrigger = (table: string, column: string, status: string, on: boolean) => `
  drop trigger if exists failing_trigger on ${table};
  create or replace function public.failing_trigger() returns trigger language plpgsql as $$ begin raise exception 'the day is closed' using errcode = 'P0001'; end $$;
  ${on ? `create trigger failing_trigger before update on ${table} for each row when (new.${column} = '${status}') execute function public.failing_trigger();` : ''}`;

const texts = async (db: Db, sql: string, order: string): Promise<string[]> =>
  (await db.query<{ text: string }>(sql, [order])).rows.map(({ text }) => text);

/** The two reference hosts. */
export const hostSoftware: Record<HostId, HostSoftware> = {
  pos: {
    tenant: '50c7f165-0d82-fe58-410e-b1e031feb824', // md5('merchant Dapur Nusantara'): the id in the demo data
    anOrder: (db, total) => anOrder(db, { total }),
    payInCash,
    addDish: addToOrder,
    void: voidOrder,
    reopen: reopenOrder,
    lock: 'select from pos.orders where id = $1 for update',
    stateOf: async (db, order) => String((await texts(db, 'select status as text from pos.orders where id = $1', order))[0]),
    paymentsOf: (db, order) =>
      texts(db, `select status as text from pos.payments where order_id = $1 and method = 'qris' order by created_at, external_ref`, order),
    setFailingTrigger: async (db, on) => void (await db.query(failingTrigger('pos.payments', 'status', 'settled', on))),
  },
  erp: {
    tenant: 'RSA',
    anOrder: async (db, total) => {
      const docNo = `INV/TEST/${randomUUID().slice(0, 13)}`;
      await db.query(
        `with invoice as (
           insert into erp."Sales Invoice" (doc_no, company_code, branch_code, currency, doc_status, net_total, tax_total, grand_total, outstanding, created, modified, modified_by)
           values ($1, 'RSA', 'JKT', 'IDR', 'CO', $2, 0, $2, $2, localtimestamp, localtimestamp, 'kasir') returning doc_no)
         insert into erp."Sales Invoice Line" (doc_no, line_no, item_code, qty, unit_price, net_amount) select doc_no, 1, '10001', 1, $2, $2 from invoice`,
        [docNo, total],
      );
      return docNo;
    },
    payInCash: async (db, order) => {
      const payNo = `CASH/${randomUUID().slice(0, 13)}`;
      await db.query(
        `with due as (select outstanding from erp."Sales Invoice" where doc_no = $2), entry as (
           insert into erp."Payment Entry" (pay_no, company_code, branch_code, journal_code, pay_date, mode_of_payment, currency, amount, created, created_by, modified, modified_by)
           select $1, 'RSA', 'JKT', 'KAS', current_date, 'CASH', 'IDR', outstanding, localtimestamp, 'kasir', localtimestamp, 'kasir' from due returning pay_no)
         insert into erp."Payment Allocation" select pay_no, $2, outstanding from entry, due`,
        [payNo, order],
      );
      await db.query(`update erp."Payment Entry" set doc_status = 'CO' where pay_no = $1`, [payNo]);
    },
    addDish: async (db, order, amount) => {
      await db.query(
        `with invoice as (
           update erp."Sales Invoice" set net_total = net_total + $2::numeric, grand_total = grand_total + $2, outstanding = outstanding + $2 where doc_no = $1 returning doc_no)
         insert into erp."Sales Invoice Line" (doc_no, line_no, item_code, qty, unit_price, net_amount)
         select i.doc_no, max(l.line_no) + 1, '10002', 1, $2, $2 from invoice i join erp."Sales Invoice Line" l on l.doc_no = i.doc_no group by i.doc_no`,
        [order, amount],
      );
    },
    void: async (db, order) => void (await db.query(`update erp."Sales Invoice" set doc_status = 'VO' where doc_no = $1`, [order])),
    reopen: async (db, order, amount) => {
      await hostSoftware.erp.addDish(db, order, amount);
      await db.query(`update erp."Sales Invoice" set payment_status = 'Partly Paid' where doc_no = $1`, [order]);
    },
    lock: 'select from erp."Sales Invoice" where doc_no = $1 for update',
    stateOf: async (db, order) =>
      String((await texts(db, 'select payment_status as text from erp."Sales Invoice" where doc_no = $1', order))[0]),
    paymentsOf: (db, order) =>
      texts(
        db,
        `select e.doc_status as text from erp."Payment Entry" e join erp."Payment Allocation" a using (pay_no)
         where a.doc_no = $1 and e.reference_no is not null order by e.created, e.pay_no`,
        order,
      ),
    setFailingTrigger: async (db, on) => void (await db.query(failingTrigger('erp."Payment Entry"', 'doc_status', 'CO', on))),
  },
};

/** An API client of a host's first tenant. */
export function clientOf(host: HostId): clients.Client {
  return {
    id: `cli_${newUlid()}`,
    name: 'test',
    host,
    tenant: hostSoftware[host].tenant,
    stores: null,
    scopes: ['payments', 'refunds', 'events'],
    createdAt: new Date(),
    revokedAt: null,
    expiresAt: null,
    lastUsedOn: null,
    previousUntil: null,
  };
}
