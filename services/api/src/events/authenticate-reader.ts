import type { settings } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { authenticateClient, requireScope } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import type { StreamTokens } from './stream-token.ts';

/**
 * Who reads: a key with the scope `events`, or whoever holds a stream token (`?token=`), as far as the key behind it still reaches.
 * A token opens its own store: any other is as good as absent.
 */
export function authenticateReader(control: Pick<settings.ControlCache, 'current'>, tokens: StreamTokens): RequestHandler {
  const byKey = authenticateClient(control);
  const mayRead = requireScope('events');
  return (req, res, next) => {
    const { token } = req.query;
    if (token === undefined) return byKey(req, res, () => mayRead(req, res, next));
    const grant = tokens.verify(String(token));
    if (!grant) throw new Problem('unauthenticated', 'Invalid or expired stream token. POST …/stream-token issues one for 60 seconds.');
    if (!control.current)
      throw new Problem('database_unavailable', 'The client keys are not available at the moment. Try again in a few seconds.', {
        retryAfter: 5,
      });
    const client = [...control.current.clients.values()].find(({ id }) => id === grant.clientId);
    if (!client) throw new Problem('unauthenticated', 'The key that issued this stream token was revoked.');
    if (grant.storeId !== req.params.storeId) throw new Problem('store_not_found', 'This stream token is for another store.');
    res.locals.client = client;
    res.locals.client_id = client.id;
    mayRead(req, res, next);
  };
}
