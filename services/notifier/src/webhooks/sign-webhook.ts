import { type MasterKeys, sealedSecret } from '@gateway/shared/runtime';
import { webhookEndpoints } from '@gateway/shared/store';
import { Webhook } from 'standardwebhooks';

/** Signs deliveries by Standard Webhooks, with each secret of the endpoint that is valid. */
export interface WebhookSigner {
  /** The headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. @throws SealError when a secret cannot be opened */
  sign(endpoint: SigningEndpoint, delivery: { eventId: string; body: string }, now: Date): Record<string, string>;
  /** Forgets the opened secrets of all other endpoints. */
  keep(endpoints: Iterable<SigningEndpoint>): void;
}

type SigningEndpoint = Pick<webhookEndpoints.WebhookEndpoint, 'id' | 'secrets'>;

export function createWebhookSigner(masterKeys: MasterKeys): WebhookSigner {
  let opened = new Map<string, Webhook>();
  const open = (id: string, sealed: string): Webhook => {
    const known = opened.get(sealed) ?? new Webhook(sealedSecret.open(masterKeys, webhookEndpoints.sealedRow(id), sealed));
    opened.set(sealed, known);
    return known;
  };
  return {
    sign: (endpoint, { eventId, body }, now) => {
      const at = new Date(Math.floor(now.getTime() / 1_000) * 1_000);
      const signatures = webhookEndpoints
        .validSecrets(endpoint, now)
        .map(({ sealed }) => open(endpoint.id, sealed).sign(eventId, at, body));
      return {
        'webhook-id': eventId,
        'webhook-timestamp': String(at.getTime() / 1_000),
        'webhook-signature': signatures.join(' '),
      };
    },
    keep: (endpoints) => {
      const sealed = new Set([...endpoints].flatMap(({ secrets }) => secrets.map((secret) => secret.sealed)));
      opened = new Map([...opened].filter(([key]) => sealed.has(key)));
    },
  };
}
