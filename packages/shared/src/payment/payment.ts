import type { Bill } from './bill.ts';
import type { CancelReason } from './event-reasons.ts';
import type { OrderKey, PaymentId, StoreId, TenantId } from './ids.ts';
import type { PaymentStatus } from './payment-status.ts';
import type { RouteStep } from './route-step.ts';
import type { Rupiah } from './rupiah.ts';

/** One row of `gateway.payments`. Amounts are whole rupiah, times UTC. */
export interface Payment {
  id: PaymentId;
  host: string;
  tenant: TenantId;
  storeId: StoreId;
  orderKey: OrderKey;
  orderNumber: string;
  /** The beginning of every attempt's reference. The host's payment row carries it. */
  reference: string;
  hostPaymentKey: string | null;
  clientId: string;
  status: PaymentStatus;
  version: number;
  amount: Rupiah;
  received: Rupiah;
  refunded: Rupiah;
  /** The attempt whose money `received` counts. Its refunds count in `refunded`; money of another attempt is a record of its own. */
  settledAttempt: number | null;
  /** Exact decimals: the amount in the host's payment row, and the charged amount minus the exact amount due. */
  recorded: string;
  residue: string;
  bill: Bill;
  qrString: string | null;
  shownAttempt: number | null;
  hiddenAt: Date | null;
  cancelRequestedAt: Date | null;
  cancelReason: CancelReason | null;
  /** Since when a genuine report of payment cannot be confirmed. */
  reviewSince: Date | null;
  expiresAt: Date;
  paidAt: Date | null;
  /** When the payment is due for work. Null: no work is left. */
  checkAt: Date | null;
  /** When the provider last answered a poll of this payment. */
  checkedAt: Date | null;
  leaseNo: number;
  /** Until when a closed payment is polled for late money. */
  watchUntil: Date | null;
  /** The api process that waits for the result of the charge. */
  replyTo: string | null;
  route: RouteStep[];
  createdAt: Date;
  updatedAt: Date;
  /** True while a discrepancy is open: an operator must decide. */
  needsReview: boolean;
  /** Whose app the payer paid with, and the provider's retrieval reference, of the money that `received` counts. */
  issuer: string | null;
  receipt: string | null;
}

/** True while a guest may scan the QR of this payment. The only place that decides it. */
export function isScannable(
  payment: Pick<Payment, 'status' | 'qrString' | 'hiddenAt' | 'cancelRequestedAt' | 'expiresAt'>,
  now: Date,
): boolean {
  return (
    payment.status === 'pending' &&
    payment.qrString !== null &&
    payment.hiddenAt === null &&
    payment.cancelRequestedAt === null &&
    payment.expiresAt > now
  );
}
