import type { Knex } from 'knex';
import * as auditLog from './audit.ts';
import type * as settings from './settings.ts';

export type HoldScope = Pick<settings.Hold, 'provider' | 'account' | 'storeId'>;

/** A hold, with who placed it and why. */
export interface HoldRow extends settings.Hold {
  heldBy: string;
  reason: string | null;
}

/** All holds, oldest first. */
export async function list(knex: Knex): Promise<HoldRow[]> {
  return knex('gateway.holds')
    .select('provider', 'account', 'store_id as storeId', 'held_at as heldAt', 'held_by as heldBy', 'reason')
    .orderBy('held_at');
}

/**
 * Places a hold: no new charges are created at the provider for this account and store. Existing charges are still polled. Every
 * process knows the hold within 2 s. May run twice: the first hold stays, with its time and reason. @returns whether it is new
 */
export async function place(knex: Knex, { provider, account, storeId }: HoldScope, by: auditLog.ActedBy): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const inserted = await trx('gateway.holds')
      .insert({ provider, account, store_id: storeId, held_at: by.at, held_by: by.actor, reason: by.reason ?? null })
      .onConflict()
      .ignore()
      .returning('provider');
    if (inserted.length === 0) return false;
    await auditLog.record(trx, { action: 'hold', subject: subjectOf({ provider, account, storeId }) }, by);
    return true;
  });
}

/** Lifts the hold of exactly this scope; a hold of a wider or narrower scope stays. May run twice. @returns false when there was none */
export async function lift(knex: Knex, { provider, account, storeId }: HoldScope, by: auditLog.ActedBy): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const lifted = await trx('gateway.holds').where({ provider, account, store_id: storeId }).delete();
    if (lifted === 0) return false;
    await auditLog.record(trx, { action: 'release', subject: subjectOf({ provider, account, storeId }) }, by);
    return true;
  });
}

const subjectOf = ({ provider, account, storeId }: HoldScope): string => `${provider}/${account} store ${storeId}`;
