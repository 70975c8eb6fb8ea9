import type { Hosts } from '@gateway/shared/host';
import { type Clock, type MasterKeys, type NetworkRule, newUlid } from '@gateway/shared/runtime';
import { webhookEndpoints } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { databaseOf } from '../events/find-own-store.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { newSigningSecret, requireAllowedUrl, requireCapacity, storesOf } from './endpoint-rules.ts';
import { createEndpointBody, endpointView } from './endpoint-view.ts';

export interface WebhookEndpointDeps {
  hosts: Hosts;
  networkRule: NetworkRule;
  masterKeys: MasterKeys;
  clock: Clock;
}

/** POST /webhook-endpoints: events of the key's stores are sent to this URL from now on. Shows the secret once. */
export const createEndpoint =
  ({ hosts, networkRule, masterKeys, clock }: WebhookEndpointDeps): RequestHandler =>
  async (req, res) => {
    const { url, events, store_ids, description } = createEndpointBody.parse(req.body ?? {});
    const client = clientOf(res);
    const storeIds = storesOf(client, store_ids);
    const db = databaseOf(hosts, client);
    await requireCapacity(db, client);
    await requireAllowedUrl(networkRule, url);
    const id = `we_${newUlid()}`;
    const { secret, sealed } = newSigningSecret(masterKeys, id);
    const { id: clientId, host, tenant } = client;
    const endpoint = await webhookEndpoints.create(
      db,
      { id, clientId, host, tenant, url, events, storeIds, description },
      sealed,
      clock.now(),
    );
    res.setHeader('Cache-Control', 'no-store');
    res.status(201).json({ ...endpointView(endpoint), secret });
  };
