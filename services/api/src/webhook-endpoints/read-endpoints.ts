import { webhookEndpoints } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { databaseOf } from '../events/find-own-store.ts';
import { clientOf } from '../http/authenticate-client.ts';
import type { WebhookEndpointDeps } from './create-endpoint.ts';
import { endpointView } from './endpoint-view.ts';
import { findOwnEndpoint } from './find-own-endpoint.ts';

type ReadDeps = Pick<WebhookEndpointDeps, 'hosts'>;

/** GET /webhook-endpoints: the endpoints of the key, oldest first. */
export const listEndpoints =
  ({ hosts }: ReadDeps): RequestHandler =>
  async (_req, res) => {
    const client = clientOf(res);
    const all = await webhookEndpoints.ofClient(databaseOf(hosts, client).pool, client.id);
    res.json({ webhook_endpoints: all.map(endpointView) });
  };

/** GET /webhook-endpoints/{endpoint_id} */
export const getEndpoint =
  ({ hosts }: ReadDeps): RequestHandler =>
  async (req, res) => {
    const { endpoint } = await findOwnEndpoint(hosts, clientOf(res), req.params.endpointId);
    res.json(endpointView(endpoint));
  };
