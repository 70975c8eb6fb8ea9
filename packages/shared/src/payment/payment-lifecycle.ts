import { IllegalTransition } from './domain-error.ts';
import type { Payment } from './payment.ts';
import { type EventData, eventOf, type PaymentEvent } from './payment-event.ts';
import { type PaymentEventType, type PaymentStatus, paymentStatuses } from './payment-status.ts';

/** The three groups of statuses: money may arrive in time · money may arrive late · the money is there. */
export const statusGroups = {
  open: ['created', 'pending'],
  closed: ['expired', 'cancelled', 'failed'],
  settled: ['paid', 'partially_refunded', 'refunded'],
} as const satisfies Record<string, readonly PaymentStatus[]>;

export type ClosedStatus = (typeof statusGroups.closed)[number];

const { open, closed, settled } = statusGroups;

export interface Transition {
  from: readonly PaymentStatus[];
  to: PaymentStatus;
  event: PaymentEventType;
  /** For people: the README's diagram and the documents show it. */
  when: string;
}

/** Every status change of a payment and the event that announces it. Code, SQL fragments, the audit and the README's diagram are derived from this list. */
export const transitions = [
  { from: ['created'], to: 'pending', event: 'payment.pending', when: 'a QR is on display' },
  { from: open, to: 'paid', event: 'payment.paid', when: 'money arrives in time' },
  { from: closed, to: 'paid', event: 'payment.paid', when: 'money was paid in time and is learned of later' },
  { from: closed, to: 'paid', event: 'payment.paid_late', when: 'money arrives late' }, // money is never refused
  { from: [...open, ...closed], to: 'paid', event: 'payment.duplicate_paid', when: 'money arrives and the order was paid otherwise' },
  { from: ['pending'], to: 'expired', event: 'payment.expired', when: 'the time to pay is over' },
  { from: open, to: 'cancelled', event: 'payment.cancelled', when: 'the till, the provider or the host ended it' },
  { from: open, to: 'failed', event: 'payment.failed', when: 'no provider could make a QR' },
  { from: ['paid', 'partially_refunded'], to: 'partially_refunded', event: 'refund.succeeded', when: 'a part is refunded' },
  { from: ['paid', 'partially_refunded'], to: 'refunded', event: 'refund.succeeded', when: 'everything is refunded' },
] as const satisfies readonly Transition[];

/** Events that change no status, and the statuses in which they may occur. `order.paid` releases the order to the kitchen. */
export const announcements: Readonly<Partial<Record<PaymentEventType, readonly PaymentStatus[]>>> = {
  'payment.review': paymentStatuses,
  'payment.duplicate_paid': settled,
  'refund.pending': paymentStatuses,
  'refund.succeeded': paymentStatuses, // of money that does not count in the payment, such as a duplicate
  'refund.failed': paymentStatuses,
  'order.paid': settled,
};

/** What an event is made of, beside the payment. The caller passes the id and the time, so that this module stays pure. */
export interface Announcement {
  id: string;
  now: Date;
  data?: EventData;
}

/** A payment after a status change, with the event that announces the change. */
export interface Transitioned {
  payment: Payment;
  event: PaymentEvent;
}

/**
 * When a change of the payment happened: now, but after its last change. The clock of this process may be behind the one of the process
 * that made that change, and the history of a payment is read in the order of its times.
 */
export function timeOfChange({ updatedAt }: Pick<Payment, 'updatedAt'>, now: Date): Date {
  return now < updatedAt ? new Date(updatedAt.getTime() + 1) : now;
}

/**
 * Applies one row of the table. The only maker of a payment status. Pure.
 * @param payment as it is after the change, but for its status
 * @throws IllegalTransition when the table has no such row: a bug of ours
 */
export function transition(
  payment: Payment,
  to: PaymentStatus,
  event: PaymentEventType,
  { id, now, data = {} }: Announcement,
): Transitioned {
  if (!findTransition(payment.status, to, event)) throw new IllegalTransition(payment.status, to, event);
  const at = timeOfChange(payment, now);
  const changed = { ...payment, status: to, updatedAt: at };
  return { payment: changed, event: eventOf(event, changed, id, at, data) };
}

/**
 * Makes an event that changes no status. Pure.
 * @throws IllegalTransition when this event may not occur in the payment's status: a bug of ours
 */
export function announce(payment: Payment, event: PaymentEventType, { id, now, data = {} }: Announcement): PaymentEvent {
  if (!announcements[event]?.includes(payment.status)) throw new IllegalTransition(payment.status, payment.status, event);
  return eventOf(event, payment, id, timeOfChange(payment, now), data);
}

/** The row of the table, or undefined when it has none. */
export function findTransition(from: PaymentStatus, to: PaymentStatus, event: PaymentEventType): Transition | undefined {
  const rows: readonly Transition[] = transitions;
  return rows.find((row) => row.to === to && row.event === event && row.from.includes(from));
}

const isIn = (group: readonly PaymentStatus[]) => {
  const statuses = new Set(group);
  return ({ status }: { status: PaymentStatus }): boolean => statuses.has(status);
};

/** `created`, `pending`: the payment can be paid in time. */
export const isOpen = isIn(open);
/** `expired`, `cancelled`, `failed`: no money arrived, but it may still arrive late. */
export const isClosed = isIn(closed);
/** `paid`, `partially_refunded`, `refunded`: the money arrived. */
export const isSettled = isIn(settled);

/**
 * SQL: `p.status ${statusIn(statusGroups.open)}` reads `p.status in ('created', 'pending')`, and lets PostgreSQL use the indexes that hold
 * only such rows. A statement that knows the payment or its order takes the statuses as a parameter instead: an index of open payments is
 * so small at night that its plan would read all of it, and the plan is used at noon too.
 */
export const statusIn = (statuses: readonly PaymentStatus[]): string => `in (${statuses.map((status) => `'${status}'`).join(', ')})`;
