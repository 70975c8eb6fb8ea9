import type { MidtransAccount } from '../accounts.ts';
import { type Charge, type ChargeState, stateOf } from '../charge.ts';
import type { SwitchSettings } from '../switches.ts';
import type { Notice } from '../webhook-sender.ts';
import { echoed, expiryTime, grossAmount, refunds, settlement, statusFor, transaction } from './midtrans-transaction.ts';
import { signatureKey } from './midtrans-wire.ts';

/**
 * A webhook that reports the current state of a charge, or another `state` when it is false on purpose. The signature covers
 * the strings exactly as they are sent. Source: providers.md 2.9.
 */
export function midtransNotice(
  charge: Charge,
  account: MidtransAccount,
  switches: SwitchSettings,
  state: ChargeState = stateOf(charge),
): Notice {
  return {
    charge,
    event: statusFor(state).transaction_status,
    compose: ({ hasInvalidSignature }) => ({
      body: JSON.stringify(noticeBody(charge, account, switches, state, hasInvalidSignature)),
      headers: { 'user-agent': 'Veritrans', accept: 'application/json' },
    }),
  };
}

function noticeBody(
  charge: Charge,
  account: MidtransAccount,
  switches: SwitchSettings,
  state: ChargeState,
  hasInvalidSignature: boolean,
): object {
  const statusCode = statusFor(state).noticeCode;
  const key = hasInvalidSignature ? `not-${account.serverKey}` : account.serverKey;
  return {
    ...transaction(charge, state, account),
    status_message: 'midtrans payment notification',
    status_code: statusCode,
    signature_key: signatureKey(charge.reference, statusCode, grossAmount(charge, state), key),
    ...settlement(charge, state),
    ...(state.payment ? expiryTime(charge, switches) : {}),
    ...refunds(state),
    ...echoed(charge, state, switches),
  };
}
