import { randomBytes } from 'node:crypto';
import type { Database } from '@gateway/shared/postgres';
import { AddressRefused, type MasterKeys, type NetworkRule, sealedSecret } from '@gateway/shared/runtime';
import { type clients, webhookEndpoints } from '@gateway/shared/store';
import { requireStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';

/**
 * Refuses a URL that must not be called. A name whose addresses are not known now is accepted for https: they are checked at each call.
 * @throws Problem `url_not_allowed`
 */
export async function requireAllowedUrl(rule: NetworkRule, text: string): Promise<void> {
  const refuse = (reason: string) => new Problem('url_not_allowed', `url: ${reason}.`, { errors: [{ path: 'url', message: reason }] });
  if (!URL.canParse(text)) throw refuse('must be a URL');
  const url = new URL(text);
  try {
    await rule.resolve(url);
  } catch (error) {
    if (error instanceof AddressRefused) throw refuse(error.message);
    if (url.protocol !== 'https:') throw refuse('must have a known address in an allowed network');
  }
}

/** The stores whose events are sent. @throws Problem `store_not_found` for one that the key does not cover */
export function storesOf(client: clients.Client, storeIds: string[] | null): string[] | null {
  const notFound = new Problem('store_not_found', 'store_ids: this key does not cover one of these stores.');
  for (const id of storeIds ?? []) requireStore(client, id, notFound);
  return storeIds ?? client.stores;
}

const mostEndpoints = 50; // of one key: each one costs every process some memory and a look-up in each second

/** @throws Problem `validation_failed` when the key has as many endpoints as it may have */
export async function requireCapacity(db: Database, client: clients.Client): Promise<void> {
  const all = await webhookEndpoints.ofClient(db.pool, client.id);
  if (all.length >= mostEndpoints)
    throw new Problem('validation_failed', `A key has at most ${mostEndpoints} webhook endpoints. Delete one.`);
}

/** A new secret that signs, and what is stored of it. @throws Problem `forbidden` when this installation cannot seal secrets */
export function newSigningSecret(masterKeys: MasterKeys, endpointId: string): { secret: string; sealed: string } {
  if (masterKeys.length === 0)
    throw new Problem(
      'forbidden',
      'This installation has no MASTER_KEYS, with which the secrets of endpoints are sealed. Ask its operator.',
    );
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  return { secret, sealed: sealedSecret.seal(masterKeys, webhookEndpoints.sealedRow(endpointId), secret) };
}
