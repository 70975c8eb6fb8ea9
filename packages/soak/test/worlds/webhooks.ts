import { createHash } from 'node:crypto';
import { type Charge, type ChargeState, inventedKeys, stateOf } from '@gateway/simulator';
import type { World } from './world.ts';

/** A webhook as a provider wrote and signed it. */
export interface Webhook {
  provider: string;
  body: Buffer;
  headers: Record<string, string>;
}

const midtransStates = {
  pending: ['pending', '201'],
  paid: ['settlement', '200'],
  expired: ['expire', '202'],
  cancelled: ['cancel', '202'],
  failed: ['deny', '202'],
} as const;

/** The webhook about the newest state of a charge; null where the provider sends none. */
export function webhookAbout(charge: Charge): Webhook | null {
  return charge.provider === 'midtrans' ? midtransWebhook(charge, stateOf(charge)) : xenditWebhook(charge, stateOf(charge));
}

function midtransWebhook(charge: Charge, { lifecycle, payment, refunds }: ChargeState): Webhook {
  const [status, code] = payment && refunds.length > 0 ? (['refund', '200'] as const) : midtransStates[lifecycle];
  const amount = `${payment?.amount ?? charge.amount}.00`;
  const signed = `${charge.reference}${code}${amount}${inventedKeys.midtransServerKey}`;
  const body = {
    order_id: charge.reference,
    transaction_id: charge.id,
    status_code: code,
    gross_amount: amount,
    transaction_status: status,
    fraud_status: 'accept',
    signature_key: createHash('sha512').update(signed).digest('hex'),
    ...(refunds.length > 0 ? { refunds: refunds.map(({ concludedAt }) => (concludedAt ? { bank_confirmed_at: concludedAt } : {})) } : {}),
  };
  return { provider: 'midtrans', body: Buffer.from(JSON.stringify(body)), headers: { 'content-type': 'application/json' } };
}

function xenditWebhook(charge: Charge, { lifecycle, payment, refunds }: ChargeState): Webhook | null {
  const refund = refunds.at(-1);
  const about = { reference_id: charge.reference, payment_request_id: charge.id };
  const content =
    refund?.status === 'succeeded'
      ? {
          event: 'refund.succeeded',
          data: {
            id: refund.id,
            reference_id: refund.reference,
            payment_request_id: charge.id,
            metadata: { charge_reference: charge.reference },
          },
        }
      : payment && !refund
        ? { event: 'payment.capture', data: { ...about, payment_id: payment.id } }
        : lifecycle === 'expired'
          ? { event: 'payment_request.expiry', data: about }
          : null;
  if (!content) return null;
  const headers = { 'content-type': 'application/json', 'x-callback-token': inventedKeys.xenditCallbackToken };
  return { provider: 'xendit', body: Buffer.from(JSON.stringify(content)), headers };
}

/** Posts a webhook to the gateway. @returns the status of the answer; null: there was none */
export type Post = (name: string, webhook: Webhook) => Promise<number | null>;

const retryDelaysMs = [5_000, 60_000, 600_000];

/** Sends every webhook of a world: at once, late, twice, torn, or never. One that was not answered 200 is sent again a few times. */
export function createWebhookSender(world: World, post: Post) {
  const deliver = (name: string, webhook: Webhook, delayMs: number, tries = 0): void => {
    const attempt = `${name}${tries > 0 ? ` (try ${tries + 1})` : ''}`;
    world.time.after(delayMs, attempt, () => {
      const isTorn = world.fails(`${attempt} torn`, 0.02, `${name} arrives torn.`);
      const body = isTorn
        ? webhook.body.subarray(0, Math.floor(webhook.body.length * world.draws.fraction(`${attempt} cut`)))
        : webhook.body;
      void post(attempt, { ...webhook, body }).then((status) => {
        const nextDelayMs = retryDelaysMs[tries];
        if (isTorn && status === 200) world.errors.push(`${name} arrived torn, and was answered 200`);
        if (status !== 200 && nextDelayMs !== undefined) deliver(name, webhook, nextDelayMs, tries + 1);
      });
    });
  };
  return (charge: Charge): void => {
    const webhook = webhookAbout(charge);
    if (!webhook) return;
    const name = `${world.unique('webhook')} (${charge.reference.slice(-2)} ${stateOf(charge).lifecycle})`;
    if (world.fails(`${name} lost`, 0.08, `${name} of ${charge.provider} never arrives.`)) return;
    const isLate = world.fails(`${name} late`, 0.08, `${name} of ${charge.provider} arrives late.`);
    deliver(name, webhook, isLate ? world.untilMoment(`${name} moment`) : world.duration(`${name} sent`, 10, 400));
    if (world.fails(`${name} twice`, 0.08, `${name} of ${charge.provider} arrives twice.`))
      deliver(
        `${name} again`,
        webhook,
        world.draws.fraction(`${name} soon`) < 0.5 ? world.duration(`${name} resent`, 10, 400) : world.untilMoment(`${name} again`),
      );
  };
}
