import type { RequestHandler } from 'express';
import { authenticateClient, currentClients, requireScope, setClient } from '../http/authenticate-client.ts';
import type { ClientKeys } from '../http/client-keys.ts';
import { Problem } from '../http/problem.ts';
import { Refusal } from '../http/refusal.ts';
import type { StreamTokens } from './stream-token.ts';

/**
 * Authenticates a reader of events: by a key with the scope `events`, or by a stream token (`?token=`). A token is valid as long as the
 * key that issued it, and for its own store only: another store is answered as not found.
 */
export function authenticateReader(control: ClientKeys, tokens: StreamTokens): RequestHandler {
  const authenticateByKey = authenticateClient(control);
  const requireEventsScope = requireScope('events');
  return (req, res, next) => {
    const { token } = req.query;
    if (token === undefined) return authenticateByKey(req, res, () => requireEventsScope(req, res, next));
    const grant = tokens.verify(String(token));
    if (!grant) throw new Problem('unauthenticated', 'Invalid or expired stream token. POST …/stream-token issues one for 60 seconds.');
    const client = [...currentClients(control).values()].find((each) => each.id === grant.clientId && control.isValid(each));
    if (!client)
      throw new Refusal(
        'key_refused',
        new Problem('unauthenticated', 'The key that issued this stream token was revoked or has expired.'),
        grant.clientId,
      );
    setClient(res, client);
    if (grant.storeId !== req.params.storeId)
      throw new Refusal('store_refused', new Problem('store_not_found', 'This stream token is for another store.'));
    requireEventsScope(req, res, next);
  };
}
