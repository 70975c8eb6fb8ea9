import { randomUUID } from 'node:crypto';
import {
  announce,
  announcements,
  type EventData,
  type Payment,
  type PaymentEvent,
  type PaymentEventType,
  rupiah,
  type Transition,
  transition,
  transitions,
} from '@gateway/shared/payment';
import { newEventId, newPaymentId, newReference, plusMs } from '@gateway/shared/runtime';

const at = new Date('2026-03-02T03:00:00.000Z');

type IdField = 'id' | 'tenant' | 'storeId' | 'orderKey';
type Unbranded = Omit<Payment, IdField> & Record<IdField, string>;
/** The fields of a payment that a test sets. Its ids may be plain strings. */
export type PaymentOverrides = Partial<Unbranded>;

/** A payment in status `created`, before its QR exists, with the fields that a test sets. It is not stored. */
export function aPayment(overrides: PaymentOverrides = {}): Payment {
  const payment: Unbranded = {
    id: newPaymentId(),
    host: 'pos',
    tenant: '8d0f2f5e-0000-4000-8000-000000000001',
    storeId: 'JKT-01',
    orderKey: randomUUID(),
    orderNumber: 'A-0042',
    reference: newReference('pos'),
    hostPaymentKey: randomUUID(),
    clientId: 'cli_test',
    status: 'created',
    version: 1,
    amount: rupiah(55_000),
    received: rupiah(0),
    refunded: rupiah(0),
    settledAttempt: null,
    recorded: '55000',
    residue: '0',
    bill: { due: '55000', amount: rupiah(55_000), paid: '0', residue: '0', recordAmount: '55000', lines: [], charges: [] },
    qrString: null,
    shownAttempt: null,
    hiddenAt: null,
    cancelRequestedAt: null,
    cancelReason: null,
    reviewSince: null,
    expiresAt: plusMs(at, 900_000),
    paidAt: null,
    checkAt: plusMs(at, 3_000),
    checkedAt: null,
    leaseNo: 0,
    watchUntil: null,
    replyTo: 'api',
    route: [],
    createdAt: at,
    updatedAt: at,
    needsReview: false,
    issuer: null,
    receipt: null,
    ...overrides,
  };
  return payment as Payment;
}

/** An event of this type about `payment`, in the status that the lifecycle table gives it. */
export function anEvent(type: PaymentEventType, payment: Payment, now: Date, data: EventData = {}): PaymentEvent {
  const announcement = { id: newEventId(), now, data };
  const rows: readonly Transition[] = transitions;
  const row = rows.find(({ event }) => event === type);
  const [from] = row?.from ?? announcements[type] ?? [];
  const before = { ...payment, status: from ?? payment.status };
  return row ? transition(before, row.to, type, announcement).event : announce(before, type, announcement);
}
