import type { RequestHandler } from 'express';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { readOwnStore } from './find-own-store.ts';

/** POST /stores/{store_id}/stream-token: opens this store's events for a browser. The key stays at the server that asks for it. */
export const createStreamToken =
  ({ hosts, streamTokens }: Pick<ApiDeps, 'hosts' | 'streamTokens'>): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const { id: storeId } = await readOwnStore(hosts, client, { storeId: req.params.storeId, after: null, limit: 1 });
    const { token, expiresAt } = streamTokens.issue({ clientId: client.id, storeId });
    res.setHeader('Cache-Control', 'no-store');
    res.status(201).json({ token, expires_at: expiresAt.toISOString() });
  };
