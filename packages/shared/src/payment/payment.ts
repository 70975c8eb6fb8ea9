import type { Bill } from './bill.ts';
import type { CancelReason } from './event-reasons.ts';
import type { PaymentStatus } from './payment-status.ts';
import type { RouteStep } from './route-step.ts';
import type { Rupiah } from './rupiah.ts';

/** One row of `gateway.payments`, as the services speak of it. Amounts are whole rupiah. */
export interface Payment {
  id: string;
  host: string;
  tenant: string;
  storeId: string;
  orderKey: string;
  orderNumber: string;
  /** The stem of every attempt's reference, and what the host's payment row carries. */
  reference: string;
  hostPaymentKey: string | null;
  clientId: string;
  status: PaymentStatus;
  version: number;
  amount: Rupiah;
  received: Rupiah;
  refunded: Rupiah;
  /** Exact decimals: what the host's row says, and charged minus due. */
  recorded: string;
  residue: string;
  bill: Bill;
  qrString: string | null;
  shownAttempt: number | null;
  hiddenAt: Date | null;
  cancelRequestedAt: Date | null;
  cancelReason: CancelReason | null;
  reviewSince: Date | null;
  expiresAt: Date;
  paidAt: Date | null;
  checkAt: Date | null;
  /** When its provider last answered a question about it. */
  checkedAt: Date | null;
  leaseNo: number;
  watchUntil: Date | null;
  replyTo: string | null;
  route: RouteStep[];
  createdAt: Date;
  updatedAt: Date;
  /** An open discrepancy: a person has to look. */
  needsReview: boolean;
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
