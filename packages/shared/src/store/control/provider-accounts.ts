import type { Knex } from 'knex';
import { sealedSecret } from '../../runtime/index.ts';
import * as auditLog from './audit.ts';

/** A secret that was replaced. Webhooks may be signed with it until then. */
interface Previous {
  sealed: string;
  until: Date;
}

/** What an account is, without its secrets. */
export interface AccountSettings {
  mode: 'test' | 'live';
  /** Midtrans: null is the acquirer of the environment. */
  acquirer: string | null;
  /** Xendit: the sub-account to act for. */
  forUserId: string | null;
}

/** An account of the control database. Its secrets are sealed. */
export interface AccountRow extends AccountSettings {
  provider: string;
  account: string;
  sealed: string;
  /** By the name of the secret. */
  fingerprints: Readonly<Record<string, string>>;
  previous: readonly Previous[];
  disabledAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export type AccountId = Pick<AccountRow, 'provider' | 'account'>;

const columns = [
  'provider',
  'account',
  'mode',
  'acquirer',
  'for_user_id as forUserId',
  'sealed',
  'fingerprints',
  'previous',
  'disabled_at as disabledAt',
  'created_at as createdAt',
  'updated_at as updatedAt',
];

type SelectedRow = Omit<AccountRow, 'previous'> & { previous: { sealed: string; until: string }[] };

const rowOf = (row: SelectedRow): AccountRow => ({
  ...row,
  previous: row.previous.map(({ sealed, until }) => ({ sealed, until: new Date(until) })),
});

/** All accounts, also disabled ones, by provider and id. */
export async function list(knex: Knex): Promise<AccountRow[]> {
  const rows: SelectedRow[] = await knex('gateway.provider_accounts').select(columns).orderBy(['provider', 'account']);
  return rows.map(rowOf);
}

export async function find(knex: Knex, { provider, account }: AccountId): Promise<AccountRow | null> {
  const row: SelectedRow | undefined = await knex('gateway.provider_accounts').where({ provider, account }).first(columns);
  return row ? rowOf(row) : null;
}

type NewAccount = AccountId & AccountSettings & Pick<AccountRow, 'sealed' | 'fingerprints'>;

/** Adds an account. @returns false when it exists */
export async function add(knex: Knex, added: NewAccount, by: auditLog.ActedBy): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const { provider, account, mode, acquirer, forUserId, sealed, fingerprints } = added;
    const inserted = await trx('gateway.provider_accounts')
      .insert({
        provider,
        account,
        mode,
        acquirer,
        for_user_id: forUserId,
        sealed,
        fingerprints: JSON.stringify(fingerprints),
        created_at: by.at,
        updated_at: by.at,
      })
      .onConflict()
      .ignore()
      .returning('provider');
    if (inserted.length === 0) return false;
    const after = shown({ ...added, disabledAt: null });
    await auditLog.record(trx, { action: 'add-account', subject: subjectOf(added), details: { before: null, after } }, by);
    return true;
  });
}

type NewSecrets = Pick<AccountRow, 'sealed' | 'fingerprints'> & {
  /** Until when webhooks may be signed with the secret that is replaced; null: the webhook secret stays. */
  previousUntil: Date | null;
};

/**
 * Replaces the secrets of an account, if they are still those of `row`: another rotation at the same time must not be lost.
 * @returns false when the account changed since `row` was read
 */
export async function rotate(
  knex: Knex,
  row: AccountRow,
  { sealed, fingerprints, previousUntil }: NewSecrets,
  by: auditLog.ActedBy,
): Promise<boolean> {
  return knex.transaction(async (trx) => {
    const stillValid = row.previous.filter(({ until }) => until > by.at);
    const previous = previousUntil ? [...stillValid, { sealed: row.sealed, until: previousUntil }] : stillValid;
    const changed = await trx('gateway.provider_accounts')
      .where({ provider: row.provider, account: row.account, sealed: row.sealed })
      .update({ sealed, fingerprints: JSON.stringify(fingerprints), previous: JSON.stringify(previous), updated_at: by.at });
    if (changed === 0) return false;
    const details = { before: shown(row), after: shown({ ...row, fingerprints }), previous_until: previousUntil };
    await auditLog.record(trx, { action: 'rotate-account', subject: subjectOf(row), details }, by);
    return true;
  });
}

/** Disables or enables an account. May run twice. @returns the account before; null when there is none */
export async function setDisabled(knex: Knex, id: AccountId, isDisabled: boolean, by: auditLog.ActedBy): Promise<AccountRow | null> {
  return knex.transaction(async (trx) => {
    const { provider, account } = id;
    const row: SelectedRow | undefined = await trx('gateway.provider_accounts').where({ provider, account }).forUpdate().first(columns);
    if (!row || isDisabled === (row.disabledAt !== null)) return row ? rowOf(row) : null;
    const disabledAt = isDisabled ? by.at : null;
    await trx('gateway.provider_accounts').where({ provider, account }).update({ disabled_at: disabledAt, updated_at: by.at });
    const details = { before: shown(row), after: shown({ ...row, disabledAt }) };
    await auditLog.record(trx, { action: isDisabled ? 'disable-account' : 'enable-account', subject: subjectOf(id), details }, by);
    return rowOf(row);
  });
}

/** What seals a secret of a row again. Null: it is sealed with the first master key. */
type Reseal = (row: AccountId, sealed: string) => string | null;

/**
 * Seals every secret again, row by row, while processes serve: they open both forms. May run twice.
 * @param masterKeyId the first master key, for the audit log
 * @returns how many rows were changed
 */
export async function reseal(knex: Knex, again: Reseal, masterKeyId: string, by: auditLog.ActedBy): Promise<number> {
  let count = 0;
  for (const { provider, account } of await list(knex)) {
    count += await knex.transaction(async (trx) => {
      const row: SelectedRow | undefined = await trx('gateway.provider_accounts').where({ provider, account }).forUpdate().first(columns);
      const resealed = row && resealedRow(again, row);
      if (!row || !resealed) return 0;
      await trx('gateway.provider_accounts').where({ provider, account }).update(resealed);
      const details = { before: sealedSecret.sealedWith(row.sealed), after: masterKeyId };
      await auditLog.record(trx, { action: 'reseal-account', subject: subjectOf(row), details }, by);
      return 1;
    });
  }
  return count;
}

/** Null: all of it is sealed with the first master key. */
function resealedRow(again: Reseal, row: SelectedRow): { sealed: string; previous: string } | null {
  const sealed = again(row, row.sealed);
  const previous = row.previous.map((each) => ({ each, moved: again(row, each.sealed) }));
  if (sealed === null && previous.every(({ moved }) => moved === null)) return null;
  return {
    sealed: sealed ?? row.sealed,
    previous: JSON.stringify(previous.map(({ each, moved }) => ({ ...each, sealed: moved ?? each.sealed }))),
  };
}

/** As the audit log shows an account: secrets by their fingerprints. */
const shown = ({
  mode,
  acquirer,
  forUserId,
  fingerprints,
  disabledAt,
}: AccountSettings & Pick<AccountRow, 'fingerprints' | 'disabledAt'>) => ({
  mode,
  acquirer,
  for_user_id: forUserId,
  disabled: disabledAt !== null,
  secrets: fingerprints,
});

const subjectOf = ({ provider, account }: AccountId): string => `${provider}/${account}`;
