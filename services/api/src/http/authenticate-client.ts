import { clients, type settings } from '@gateway/shared/store';
import type { RequestHandler, Response } from 'express';
import { Problem } from './problem.ts';

const bearer = /^Bearer ([\x21-\x7e]{8,200})$/;

/**
 * Who calls: `Authorization: Bearer <key>`. The secret is looked up by its SHA-256 in a table of this process, so the time it takes
 * says nothing of how much of a guess was right. A revoked key is unknown here within two seconds.
 */
export function authenticateClient(control: Pick<settings.ControlCache, 'current'>): RequestHandler {
  return (req, res, next) => {
    const secret = bearer.exec(req.headers.authorization ?? '')?.[1];
    if (!secret) throw new Problem('unauthenticated', 'Send your key as `Authorization: Bearer <key>`.');
    if (!control.current)
      throw new Problem('database_unavailable', 'The client keys are not available at the moment. Try again in a few seconds.', {
        retryAfter: 5,
      });
    const client = control.current.clients.get(clients.hashSecret(secret).toString('hex'));
    if (!client) throw new Problem('unauthenticated', 'Unknown or revoked key.');
    res.locals.client = client;
    res.locals.client_id = client.id;
    next();
  };
}

export function requireScope(scope: clients.Scope): RequestHandler {
  return (_req, res, next) => {
    if (!clientOf(res).scopes.includes(scope)) throw new Problem('forbidden', `This key lacks the scope ${scope}.`);
    next();
  };
}

export const clientOf = (res: Response): clients.Client => res.locals.client as clients.Client;

/** Whether a store is one of this key's: another one is as good as absent. */
export const mayUseStore = ({ stores }: Pick<clients.Client, 'stores'>, storeId: string): boolean =>
  stores === null || stores.includes(storeId);
