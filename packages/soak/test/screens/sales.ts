import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { ReceivedEvent } from './screen.ts';

/** Adds outlets to the first merchant of the demo data. @returns their store ids */
export async function openOutlets({ pos }: { pos: Pick<TestStack['pos'], 'query'> }, count: number): Promise<string[]> {
  const { rows } = await pos.query<{ code: string }>({
    text: `insert into pos.outlets (id, merchant_id, code, name, timezone)
      select gen_random_uuid(), merchant_id, 'SOAK-' || lpad(n::text, 2, '0'), 'Soak ' || n, timezone
      from pos.outlets, generate_series(1, $1) n where code = 'JKT-01' returning code`,
    values: [count],
  });
  return rows.map(({ code }) => code);
}

export interface Selling {
  /** How many guests have paid so far. */
  readonly sold: number;
  readonly finished: Promise<unknown>;
}

const timeoutMs = 60_000; // long enough for a restart of Redis on a busy machine

/** A number of tills take payments at these stores in turn, and each guest pays at once. */
export function sell(stack: TestStack, storeIds: readonly string[], { count, tills }: { count: number; tills: number }): Selling {
  let started = 0;
  let sold = 0;
  const till = stack.till();

  async function sellOne(storeId: string): Promise<void> {
    const orderId = await anOrder(stack.pos, { outlet: storeId });
    const reference = await eventually(async () => (await till.create(orderId)).body.transaction_id, timeoutMs);
    await stack.simulator.pay(reference);
    sold += 1;
  }

  async function work(): Promise<void> {
    while (started < count) {
      const storeId = storeIds[started % storeIds.length] ?? '';
      started += 1;
      await sellOne(storeId);
    }
  }

  const finished = Promise.all(Array.from({ length: tills }, work));
  finished.catch(() => {}); // reported to the caller that awaits it
  return {
    get sold() {
      return sold;
    },
    finished,
  };
}

/** The events in the outbox, by store, in the order of their numbers. */
export async function outboxByStore({ pos }: TestStack): Promise<Map<string, ReceivedEvent[]>> {
  const { rows } = await pos.query<{ store_id: string; seq: string; event_id: string }>(
    'select store_id, seq, event_id from gateway.outbox order by store_id, seq',
  );
  const stores = Map.groupBy(rows, ({ store_id }) => store_id);
  return new Map([...stores].map(([storeId, events]) => [storeId, events.map(({ seq, event_id }) => ({ seq: Number(seq), event_id }))]));
}

/** The types of events of each payment, in the order of their numbers. */
export async function typesByPayment({ pos }: TestStack): Promise<string[]> {
  const { rows } = await pos.query<{ types: string }>(
    `select string_agg(type, ' ' order by seq) as types from gateway.outbox group by payment_id`,
  );
  return rows.map(({ types }) => types);
}

/** The number of events that were not published yet. */
export async function unpublished({ pos }: TestStack): Promise<number> {
  const { rows } = await pos.query<{ n: string }>('select count(*) as n from gateway.outbox where published_at is null');
  return Number(rows[0]?.n);
}
