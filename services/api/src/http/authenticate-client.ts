import { demoKeys } from '@gateway/shared/runtime';
import { clients } from '@gateway/shared/store';
import type { RequestHandler, Response } from 'express';
import type { ClientKeys } from './client-keys.ts';
import { Problem } from './problem.ts';
import { Refusal } from './refusal.ts';

const isDemoKey = (secret: string): boolean => (Object.values(demoKeys) as string[]).includes(secret);
const demoKeyRefused = `The demo keys ${Object.values(demoKeys).join(', ')} are public: only a local stack accepts them.`;

const bearer = /^Bearer ([\x21-\x7e]{8,200})$/;

/**
 * Authenticates `Authorization: Bearer <key>`. The key's SHA-256 is looked up in memory: the time of a request does not show how much
 * of a guessed key was right. A revoked key is refused within five seconds, an expired one at once.
 */
export function authenticateClient(control: ClientKeys): RequestHandler {
  return (req, res, next) => {
    const secret = bearer.exec(req.headers.authorization ?? '')?.[1];
    if (!secret) throw new Problem('unauthenticated', 'Send your key as `Authorization: Bearer <key>`.');
    const hash = clients.hashSecret(secret).toString('hex');
    const client = currentClients(control).get(hash);
    if (!client)
      throw new Refusal(
        'key_refused',
        new Problem('unauthenticated', isDemoKey(secret) ? demoKeyRefused : 'Unknown or revoked key.'),
        fingerprintOf(hash),
      );
    if (!control.isValid(client))
      throw new Refusal('key_refused', new Problem('unauthenticated', 'This key has expired or was replaced.'), fingerprintOf(hash));
    control.noteUse(client);
    setClient(res, client);
    next();
  };
}

/** The clients by the SHA-256 of their key. @throws Problem `database_unavailable` until the control database was read once */
export function currentClients(control: ClientKeys): ReadonlyMap<string, clients.ActiveClient> {
  if (control.current) return control.current.clients;
  throw new Problem('database_unavailable', 'The client keys are not available at the moment. Try again in a few seconds.', {
    retryAfter: 5,
  });
}

/** Names a refused key without showing it. `gateway.clients` has the hash of a revoked one. */
const fingerprintOf = (hash: string): string => `key sha256 ${hash.slice(0, 12)}`;

export function requireScope(scope: clients.Scope): RequestHandler {
  return (_req, res, next) => {
    const { scopes } = clientOf(res);
    if (!scopes.includes(scope))
      throw new Refusal(
        'scope_refused',
        new Problem('forbidden', `This key lacks the scope ${scope}; its scopes: ${scopes.join(', ') || 'none'}.`),
      );
    next();
  };
}

/** Names the caller of this request, for the routes and for the request log. */
export function setClient(res: Response, client: clients.Client): void {
  res.locals.client = client;
  res.locals.client_id = client.id;
}

export const clientOf = (res: Response): clients.Client => res.locals.client as clients.Client;

/** Whether the key covers a store. A store that it does not cover must be answered as not found. */
export const mayUseStore = ({ stores }: Pick<clients.Client, 'stores'>, storeId: string): boolean =>
  stores === null || stores.includes(storeId);

/** @throws Refusal with the problem `notFound` when the key does not cover the store: the caller is answered as if it did not exist */
export function requireStore(client: Pick<clients.Client, 'stores'>, storeId: string, notFound: Problem): void {
  if (!mayUseStore(client, storeId)) throw new Refusal('store_refused', notFound);
}
