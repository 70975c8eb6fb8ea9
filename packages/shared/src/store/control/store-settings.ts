import type { Knex } from 'knex';
import type { LateMoney } from '../../payment/index.ts';
import * as auditLog from './audit.ts';

/** What is set for one store. */
export interface StoreSettings {
  /** What happens to money that arrives after the payment closed. */
  lateMoney: LateMoney;
  /** The providers to ask, in this order; null: the order of the installation. */
  providers: string[] | null;
  /** The account to use, by provider; a provider without an entry uses `default`. */
  accounts: Record<string, string>;
}

/** The settings with what only people read. */
export interface DescribedSettings extends StoreSettings {
  name: string | null;
  /** An IANA time zone: `Asia/Jakarta`. */
  timezone: string | null;
}

export const defaultSettings: StoreSettings = { lateMoney: 'accept', providers: null, accounts: {} };

/** A store that is registered, because a payment was made for it, or that has settings, or both. */
export interface StoreRow extends DescribedSettings {
  storeId: string;
  /** Null: no payment was made yet. */
  host: string | null;
  tenant: string | null;
  /** Null: nothing was ever set. */
  updatedAt: Date | null;
}

const described: DescribedSettings = { ...defaultSettings, name: null, timezone: null };
const columns = ['late_money as lateMoney', 'providers', 'accounts', 'name', 'timezone'];

/** All stores, or the one with this id, by their ids. */
export async function list(knex: Knex, storeId?: string): Promise<StoreRow[]> {
  const { rows } = await knex.raw<{ rows: StoreRow[] }>(
    `select store_id as "storeId", c.host, c.tenant, coalesce(s.late_money, 'accept') as "lateMoney", s.providers,
       coalesce(s.accounts, '{}') as accounts, s.name, s.timezone, s.updated_at as "updatedAt"
     from gateway.store_claims c full join gateway.store_settings s using (store_id)
     where ?::text is null or store_id = ? order by store_id`,
    [storeId ?? null, storeId ?? null],
  );
  return rows;
}

/**
 * Sets some settings of a store and leaves the others. `accounts` changes the providers that it names. A store may be set before its
 * first payment. @returns the settings before and after
 */
export async function set(
  knex: Knex,
  storeId: string,
  change: Partial<DescribedSettings>,
  by: auditLog.ActedBy,
): Promise<{ before: DescribedSettings; after: DescribedSettings }> {
  return knex.transaction(async (trx) => {
    await trx('gateway.store_settings').insert({ store_id: storeId, updated_at: by.at }).onConflict().ignore(); // so that there is a row to lock
    const row: DescribedSettings | undefined = await trx('gateway.store_settings').where({ store_id: storeId }).forUpdate().first(columns);
    const before = { ...described, ...row };
    const after = { ...before, ...change, accounts: { ...before.accounts, ...change.accounts } };
    await trx('gateway.store_settings')
      .where({ store_id: storeId })
      .update({
        late_money: after.lateMoney,
        providers: after.providers,
        accounts: JSON.stringify(after.accounts),
        name: after.name,
        timezone: after.timezone,
        updated_at: by.at,
      });
    const details = { before: shown(before), after: shown(after) };
    await auditLog.record(trx, { action: 'set-store', subject: storeId, details }, by);
    return { before, after };
  });
}

/** As commands and the audit log show it. */
export const shown = ({ lateMoney, ...others }: DescribedSettings) => ({ late_money: lateMoney, ...others });
