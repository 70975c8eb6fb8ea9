import type { WorkerHarness } from '@gateway/testing/worker/worker-harness';
import type { Pool } from 'pg';
import type { HostId } from './order-software.ts';

/** What is wrong with the host for a while. At most one at a time, because a locked row also keeps others from altering its table. */
export type HostState = 'as usual' | 'locked' | 'unreadable' | 'books later';

export interface HostStates {
  readonly now: HostState;
  /** Ends the present state, and begins another. */
  become(state: HostState, orderId: string): Promise<void>;
}

/** Where each host keeps its orders. */
const tables: Record<HostId, { orders: string; key: string; total: string }> = {
  pos: { orders: 'pos.orders', key: 'id', total: 'grand_total' },
  till: { orders: 'till.orders', key: 'order_key', total: 'total' },
};

/**
 * While `books_later` has a row, `paid.sql` takes effect and the order's paid amount does not rise: the host books its payments in a run
 * of its own. The trigger is the host's, so it has the rights of its owner, and the role of the gateway needs none.
 */
const bookingTrigger = [
  'create table public.books_later ()',
  `create function public.books_later() returns trigger language plpgsql security definer as $$
    begin
      if exists (select from public.books_later) then new.paid_total := old.paid_total; new.status := old.status; end if;
      return new;
    end $$`,
  'create trigger books_later before update of paid_total on pos.orders for each row execute function public.books_later()',
];
/** The host's own run: it books every payment that it has taken. */
const bookNow = `update pos.orders o set paid_total = b.paid, status = case when b.paid >= o.grand_total then 'paid' else o.status end, version = version + 1
  from (select sum(amount) as paid from pos.payments where order_id = $1 and status in ('settled', 'refunded')) b
  where o.id = $1 and b.paid > o.paid_total`;

/** Changes the host as its own people do: an editor holds the order, a column is renamed, payments of the pos host go to an inbox first. */
export async function createHostStates({ db: { pool }, hosts }: WorkerHarness, hostId: HostId): Promise<HostStates> {
  if (hostId === 'pos') for (const text of bookingTrigger) await pool.query(text);
  const { orders, key, total } = tables[hostId];
  let now: HostState = 'as usual';
  let unlock: () => Promise<void> = async () => {};

  // A job waits 250 ms for a lock. Most of that is left out here, because thousands of jobs meet a locked order.
  const host = hosts.byId(hostId);
  const { lockOrder } = host.orders;
  host.orders.lockOrder = async (trx, key) => {
    if (now === 'locked') await trx.query({ text: `set local lock_timeout = '5ms'` });
    return lockOrder(trx, key);
  };

  const end: Record<HostState, (orderId: string) => Promise<unknown>> = {
    'as usual': async () => {},
    locked: () => unlock(),
    unreadable: () => pool.query(`alter table ${orders} rename column total_of_bill to ${total}`),
    'books later': async (orderId) => {
      await pool.query('delete from public.books_later');
      await pool.query({ name: 'soak-book-now', text: bookNow, values: [orderId] }); // named, so that plans.test.ts leaves it out
    },
  };
  const begin: typeof end = {
    'as usual': async () => {},
    locked: async (orderId) => {
      unlock = await lockRow(pool, `select from ${orders} where ${key} = $1 for update`, orderId);
    },
    unreadable: () => pool.query(`alter table ${orders} rename column ${total} to total_of_bill`),
    'books later': () => pool.query('insert into public.books_later default values'),
  };
  return {
    get now() {
      return now;
    },
    become: async (state, orderId) => {
      await end[now](orderId);
      now = 'as usual';
      await begin[state](orderId);
      now = state;
    },
  };
}

async function lockRow(pool: Pool, statement: string, orderId: string): Promise<() => Promise<void>> {
  const editor = await pool.connect();
  await editor.query('begin');
  await editor.query('set local idle_in_transaction_session_timeout = 0'); // the lock is held for as long as the scenario needs it
  await editor.query(statement, [orderId]);
  return async () => {
    await editor.query('rollback');
    editor.release();
  };
}
