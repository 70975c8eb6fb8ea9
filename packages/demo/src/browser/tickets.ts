import type { StoreEvent } from '@gateway/display-client';

/** One dish of a ticket. `quantity` is a decimal as the till wrote it: `0.750` of a fish. */
export interface Dish {
  name: string;
  quantity: string;
}

export interface Ticket {
  eventId: string;
  seq: number;
  orderNumber: string;
  paidAt: string;
  /** 2 and more when the order was reopened, and paid again. */
  release: number;
  dishes: Dish[];
  doneAt: string | null;
}

const snapshotWindowMs = 12 * 3_600_000; // what was to be cooked half a day ago is cooked, or never will be
const keepMs = 2 * snapshotWindowMs; // longer than a snapshot looks back, so that what is done stays done

/**
 * A kitchen's tickets, one entry of the browser's storage each: a reload has them all, and two windows of one kitchen agree.
 * An event that comes again, in a snapshot or after a crash, finds its ticket there.
 */
export function createTickets(storeId: string, storage: Storage) {
  const prefix = `ticket ${storeId} `;
  const keyOf = (eventId: string) => `${prefix}${eventId}`;
  const read = (key: string): Ticket | null => JSON.parse(storage.getItem(key) ?? 'null');

  function save(ticket: Ticket): void {
    try {
      storage.setItem(keyOf(ticket.eventId), JSON.stringify(ticket));
    } catch {
      removeOld(0); // full: what is done may go first. If that is not enough the event comes again, rather than being lost
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
    /** @returns null when it has been there before */
    add: (event: StoreEvent): Ticket | null => {
      if (event.type !== 'order.paid' || storage.getItem(keyOf(event.event_id)) !== null) return null;
      const { items = [], release = 1 } = event.data as { items?: Dish[]; release?: number };
      const ticket: Ticket = {
        eventId: event.event_id,
        seq: event.seq,
        orderNumber: event.order_number,
        paidAt: event.occurred_at,
        release,
        dishes: items.map(({ name, quantity }) => ({ name, quantity })),
        doneAt: null,
      };
      save(ticket);
      return ticket;
    },
    /** Only this browser knows. */
    mark: (eventId: string, doneAt: string | null): void => {
      const ticket = read(keyOf(eventId));
      if (ticket) save({ ...ticket, doneAt });
    },
    /** Another window of this kitchen changed something. */
    onChange: (listener: () => void): void =>
      window.addEventListener('storage', ({ key }) => {
        if (key === null || key.startsWith(prefix)) listener();
      }),
  };
}
