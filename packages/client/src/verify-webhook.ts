import { Webhook } from 'standardwebhooks';
import type { components } from './generated/api.ts';

type Schemas = components['schemas'];

/** An event as it arrives by webhook. `type` says which fields `data` has. */
export type WebhookEvent = Extract<Schemas[keyof Schemas], { event_id: string; data: object }>;

/** The headers of a request: of `fetch`, of Node, or a plain object. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | string[] | undefined>>;

const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

/**
 * Verifies a webhook of the gateway. @param body the raw body: a body that was parsed and written again has another signature
 * @param secret `whsec_…` of the endpoint
 * @throws WebhookVerificationError when the signature is wrong, or its time is five minutes or more from now
 */
export function verifyWebhook(body: string | Uint8Array, headers: WebhookHeaders, secret: string): WebhookEvent {
  const read = (name: string): string => String((headers instanceof Headers ? headers.get(name) : headers[name]) ?? '');
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  return new Webhook(secret).verify(text, Object.fromEntries(names.map((name) => [name, read(name)]))) as WebhookEvent;
}
