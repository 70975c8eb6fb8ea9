import { webhookEndpoints } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import type { WebhookEndpointDeps } from './create-endpoint.ts';
import { newSigningSecret, requireAllowedUrl, storesOf } from './endpoint-rules.ts';
import { changeEndpointBody, endpointView } from './endpoint-view.ts';
import { endpointNotFound, findOwnEndpoint } from './find-own-endpoint.ts';

/** PATCH /webhook-endpoints/{endpoint_id}: changes the fields that are sent. Every process knows within 2 s. */
export const changeEndpoint =
  ({ hosts, networkRule, clock }: WebhookEndpointDeps): RequestHandler =>
  async (req, res) => {
    const { url, events, store_ids, description, disabled } = changeEndpointBody.parse(req.body ?? {});
    const client = clientOf(res);
    const { db, endpoint } = await findOwnEndpoint(hosts, client, req.params.endpointId);
    const storeIds = store_ids === undefined ? undefined : storesOf(client, store_ids);
    if (url !== undefined) await requireAllowedUrl(networkRule, url);
    const to = { url, events, storeIds, description, disabled };
    const changed = await webhookEndpoints.change(db, client.id, endpoint.id, to, clock.now());
    if (!changed) throw endpointNotFound();
    res.json(endpointView(changed));
  };

/** DELETE /webhook-endpoints/{endpoint_id} */
export const deleteEndpoint =
  ({ hosts }: Pick<WebhookEndpointDeps, 'hosts'>): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const { db, endpoint } = await findOwnEndpoint(hosts, client, req.params.endpointId);
    if (!(await webhookEndpoints.remove(db, client.id, endpoint.id))) throw endpointNotFound();
    res.status(204).end();
  };

/** POST /webhook-endpoints/{endpoint_id}/rotate-secret: a new secret, shown once. The one before signs for 24 h more. */
export const rotateSecret =
  ({ hosts, masterKeys, clock }: WebhookEndpointDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const { db, endpoint } = await findOwnEndpoint(hosts, client, req.params.endpointId);
    const { secret, sealed } = newSigningSecret(masterKeys, endpoint.id);
    if (!(await webhookEndpoints.rotateSecret(db, client.id, endpoint.id, sealed, clock.now()))) throw endpointNotFound();
    res.setHeader('Cache-Control', 'no-store');
    res.json({ id: endpoint.id, secret });
  };
