import type { OrderItem, StoreEvent } from '@gateway/display-client';

/** `note` is missing in tickets that an earlier version has stored, as are `table` and `orderType` of a ticket. */
export type Dish = Pick<OrderItem, 'name' | 'quantity'> & Partial<Pick<OrderItem, 'note'>>;

export interface Ticket {
  eventId: string;
  seq: number;
  orderNumber: string;
  table?: string | null;
  orderType?: string | null;
  paidAt: string;
  /** 1; 2 and more when the order was reopened and paid again. */
  release: number;
  dishes: Dish[];
  doneAt: string | null;
}

const snapshotWindowMs = 12 * 3_600_000; // how far back the orders of a snapshot go
const keepMs = 2 * snapshotWindowMs; // longer than a snapshot goes back, so that a done ticket does not come back as new

/**
 * The tickets of a kitchen. Each is one entry of the browser's storage, named after its event id. A reload keeps them, two windows
 * of one kitchen show the same, and an event that is delivered again changes nothing.
 */
export function createTickets(storeId: string, storage: Storage) {
  const prefix = `ticket ${storeId} `;
  const keyOf = (eventId: string) => `${prefix}${eventId}`;
  const read = (key: string): Ticket | null => JSON.parse(storage.getItem(key) ?? 'null');

  function save(ticket: Ticket): void {
    try {
      storage.setItem(keyOf(ticket.eventId), JSON.stringify(ticket));
    } catch {
      removeOld(0); // the storage is full: done tickets go first. If this fails too, the event is delivered again
      storage.setItem(keyOf(ticket.eventId), JSON.stringify(ticket));
    }
  }

  function removeOld(doneForMs: number): void {
    const now = Date.now();
    for (const ticket of all()) {
      const isOld = now - Date.parse(ticket.paidAt) > keepMs;
      if (isOld || (ticket.doneAt && now - Date.parse(ticket.doneAt) >= doneForMs)) storage.removeItem(keyOf(ticket.eventId));
    }
  }

  function all(): Ticket[] {
    const keys = Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? '').filter((key) => key.startsWith(prefix));
    return keys.flatMap((key) => read(key) ?? []).sort((a, b) => a.seq - b.seq);
  }

  removeOld(keepMs);
  return {
    all,
    /** @returns null when the event is no `order.paid`, or its ticket exists already */
    add: (event: StoreEvent): Ticket | null => {
      if (event.type !== 'order.paid' || storage.getItem(keyOf(event.event_id)) !== null) return null;
      const { items, release } = event.data;
      const ticket: Ticket = {
        eventId: event.event_id,
        seq: event.seq,
        orderNumber: event.order_number,
        table: event.table,
        orderType: event.order_type,
        paidAt: event.occurred_at,
        release,
        dishes: items.map(({ name, quantity, note }) => ({ name, quantity, note })),
        doneAt: null,
      };
      save(ticket);
      return ticket;
    },
    /** Marks a ticket as done or open. The mark is stored in this browser only. */
    mark: (eventId: string, doneAt: string | null): void => {
      const ticket = read(keyOf(eventId));
      if (ticket) save({ ...ticket, doneAt });
    },
    /** Calls `listener` when another window of this browser has changed a ticket. */
    onChange: (listener: () => void): void =>
      window.addEventListener('storage', ({ key }) => {
        if (key === null || key.startsWith(prefix)) listener();
      }),
  };
}
