import { lockOrderRow } from '@gateway/testing/pos/pos-orders';
import type { WorkerHarness } from '@gateway/testing/worker/worker-harness';

/** What is wrong with the host for a while. At most one at a time, because a locked row also keeps others from altering its table. */
export type HostState = 'as usual' | 'locked' | 'unreadable' | 'books later';

export interface HostStates {
  readonly now: HostState;
  /** Ends the present state, and begins another. */
  become(state: HostState, orderId: string): Promise<void>;
}

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

/** Changes the host as its own people do: an editor holds the order, a column is renamed, payments go to an inbox first. */
export async function createHostStates({ db: { pool }, host }: WorkerHarness): Promise<HostStates> {
  for (const text of bookingTrigger) await pool.query(text);
  let now: HostState = 'as usual';
  let unlock: () => Promise<void> = async () => {};

  // A job waits 250 ms for a lock. Most of that is left out here, because thousands of jobs meet a locked order.
  const { lockOrder } = host.orders;
  host.orders.lockOrder = async (trx, key) => {
    if (now === 'locked') await trx.query({ text: `set local lock_timeout = '5ms'` });
    return lockOrder(trx, key);
  };

  const end: Record<HostState, (orderId: string) => Promise<unknown>> = {
    'as usual': async () => {},
    locked: () => unlock(),
    unreadable: () => pool.query('alter table pos.orders rename column total_of_bill to grand_total'),
    'books later': async (orderId) => {
      await pool.query('delete from public.books_later');
      await pool.query({ name: 'soak-book-now', text: bookNow, values: [orderId] }); // named, so that plans.test.ts leaves it out
    },
  };
  const begin: typeof end = {
    'as usual': async () => {},
    locked: async (orderId) => {
      unlock = await lockOrderRow(pool, orderId);
    },
    unreadable: () => pool.query('alter table pos.orders rename column grand_total to total_of_bill'),
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
