import type { Hosts } from '@gateway/shared/host';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { readOwnStore } from './find-own-store.ts';
import type { StreamTokens } from './stream-token.ts';

export interface CreateStreamTokenDeps {
  hosts: Hosts;
  streamTokens: StreamTokens;
}

/** POST /stores/{store_id}/stream-token: a token with which a browser reads the events of this store. The key stays on the caller's server. */
export const createStreamToken =
  ({ hosts, streamTokens }: CreateStreamTokenDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const { id: storeId } = await readOwnStore(hosts, client, { storeId: req.params.storeId, after: null, limit: 1 });
    const { token, expiresAt } = streamTokens.issue({ clientId: client.id, storeId });
    res.setHeader('Cache-Control', 'no-store');
    res.status(201).json({ token, expires_at: expiresAt.toISOString() });
  };
