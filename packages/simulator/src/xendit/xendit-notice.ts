import type { XenditAccount } from '../accounts.ts';
import { type Charge, type ChargeState, type Payment, type Refund, stateOf } from '../charge.ts';
import type { SwitchSettings } from '../switches.ts';
import type { Notice } from '../webhook-sender.ts';
import { failedPaymentObject, paymentObject, paymentRequest, refundObject } from './xendit-objects.ts';
import { newId, utcTime } from './xendit-wire.ts';

/** What every webhook of Xendit needs besides its charge. */
export interface NoticeContext {
  account: XenditAccount;
  switches: SwitchSettings;
}

/** The webhook of a payment. Source: providers.md 3.8. */
export const paymentCaptured = (charge: Charge, payment: Payment, { account, switches }: NoticeContext): Notice =>
  notice(charge, 'payment.capture', asPublished(paymentObject(charge, payment, account), switches), { account, switches });

/** The webhook of a charge that failed. Source: providers.md 3.8. */
export const paymentFailed = (charge: Charge, at: number, context: NoticeContext): Notice =>
  notice(charge, 'payment.failure', asPublished(failedPaymentObject(charge, newId('py'), at, context.account), context.switches), context);

/** The webhook of an expired payment request. Source: providers.md 3.8. */
export function requestExpired(charge: Charge, state: ChargeState, context: NoticeContext): Notice {
  const { capture_method: _, channel_properties: __, ...request } = paymentRequest(charge, state, context.account);
  return notice(charge, 'payment_request.expiry', asPublished(request, context.switches), context);
}

/** The webhook of a refund that succeeded or failed. Source: providers.md 3.9. */
export function refundConcluded(charge: Charge, refund: Refund, context: NoticeContext): Notice {
  const object = refundObject(charge, stateOf(charge).payment?.id ?? '', refund);
  const data = context.switches.xendit_double_nested_refunds ? { data: object } : object;
  return notice(charge, `refund.${refund.status}`, data, context);
}

/** Changes the payload to Xendit's published examples, which differ from its schema. Switches choose which of them. */
function asPublished(data: Record<string, unknown>, switches: SwitchSettings): Record<string, unknown> {
  let published = data;
  if (switches.xendit_string_amounts) published = { ...published, request_amount: String(published.request_amount) };
  if (switches.xendit_sparse_webhooks) {
    const { captures: _, ...rest } = published;
    published = { ...rest, ...('payment_details' in rest ? { payment_details: {} } : {}) };
  }
  if (switches.xendit_odd_webhooks) published = { ...published, type: 'SINGLE_PAYMENT', ...oddCaptures(published.captures) };
  return published;
}

function oddCaptures(captures: unknown): object {
  if (!Array.isArray(captures)) return {};
  const odd = (captures as { capture_id: string }[]).map((each) => ({ ...each, capture_id: each.capture_id.replace('cptr-', 'cap-') }));
  return { captures: odd };
}

function notice(charge: Charge, event: string, data: object, { account, switches }: NoticeContext): Notice {
  return {
    charge,
    event,
    compose: ({ sentAt, hasInvalidSignature, deliveryId }) => ({
      body: JSON.stringify({
        event,
        business_id: charge.echo.for_user_id ?? account.businessId,
        created: utcTime(sentAt), // the time of this attempt: every retry has another one
        ...(event.startsWith('refund.') || switches.xendit_odd_webhooks ? {} : { api_version: 'v3' }),
        data,
      }),
      headers: {
        'x-callback-token': hasInvalidSignature ? `not-${account.callbackToken}` : account.callbackToken,
        'webhook-id': deliveryId,
      },
    }),
  };
}
