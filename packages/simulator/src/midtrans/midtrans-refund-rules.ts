import { type Charge, type ChargeState, refundedOrPending } from '../charge.ts';
import type { SwitchSettings } from '../switches.ts';
import { isOnUs } from './midtrans-transaction.ts';
import { wibMinuteOfDay } from './midtrans-wire.ts';

export interface RefundCheck {
  charge: Charge;
  state: ChargeState;
  key: string | null;
  /** Whole rupiah. */
  amount: number;
  now: number;
  switches: SwitchSettings;
}

/** Why a refund is refused: a code and, when the code's usual message does not fit, another one. */
export interface RefundRefusal {
  code: '406' | '412' | '414';
  message?: string;
}

const dayMs = 86_400_000;

/** Null: the refund is possible. Source: providers.md 2.7. */
export function refundRefusal({ charge, state, key, amount, now, switches }: RefundCheck): RefundRefusal | null {
  const { payment } = state;
  if (!payment) return { code: '412' };
  if (key !== null && state.refunds.some((refund) => refund.reference === key)) return { code: '406', message: 'Duplicate refund ID' };
  if (amount <= 0 || refundedOrPending(state) + amount > payment.amount) return { code: '414' };
  const isShopee = charge.echo.acquirer === 'airpay shopee';
  if (isShopee && amount !== payment.amount) return { code: '414', message: 'Partial refund is not supported for this payment' };
  if (isShopee && switches.midtrans_night_refund_block && isNight(now)) {
    return { code: '412', message: 'Refund is not available between 23:55 and 06:00' };
  }
  if (now - payment.paidAt > windowMs(charge, payment.issuer, switches)) return { code: '412', message: 'Refund period is over' };
  return null;
}

function windowMs(charge: Charge, issuer: string, switches: SwitchSettings): number {
  if (charge.echo.acquirer === 'airpay shopee') return 365 * dayMs;
  if (switches.midtrans_refund_window === '45_days' || isOnUs(charge, issuer)) return 45 * dayMs;
  return 7 * dayMs;
}

function isNight(now: number): boolean {
  const minute = wibMinuteOfDay(now);
  return minute >= 23 * 60 + 55 || minute < 6 * 60;
}
