import { EnvironmentError, environment } from '../runtime/index.ts';

/** The variables of the databases that ship with the project. A host.yaml may name others; every name ends in `_DATABASE_URL`. */
export const databaseEnvironment = {
  POS_DATABASE_URL: environment.databaseUrl().optional(),
  ERP_DATABASE_URL: environment.databaseUrl().optional(),
  TILL_DATABASE_URL: environment.databaseUrl().optional(),
  CONTROL_DATABASE_URL: environment.databaseUrl().optional(),
};

/** The largest number of connections of one process to each database. */
export const databaseConnections = (fallback: number) => environment.count(fallback, 500);

export interface DatabaseUrls {
  /** The URL by variable, without the control database. The orders of the host `till` are in the control database unless a URL is set for them. */
  hosts: Record<string, string> & { TILL_DATABASE_URL: string };
  /** The URL of the control database: clients, holds, settings, audit log. Default: the database of the hosts, when there is one only. */
  control: string;
}

/** @throws EnvironmentError when no host has a database, several have and none is named for control data, or a URL is invalid */
export function databasesOf(config: Record<string, unknown>): DatabaseUrls {
  const all = Object.entries(config).filter(
    (entry): entry is [string, string] => entry[0].endsWith('_DATABASE_URL') && typeof entry[1] === 'string',
  );
  const invalid = all
    .filter(([, url]) => !environment.databaseUrl().safeParse(url).success)
    .map(([name]) => `${name}: must be a URL that starts with postgres://`);
  if (invalid.length > 0) throw new EnvironmentError(invalid);
  const { CONTROL_DATABASE_URL, ...hosts } = Object.fromEntries(all);
  const [control, ...others] = CONTROL_DATABASE_URL ? [CONTROL_DATABASE_URL] : new Set(Object.values(hosts));
  if (others.length > 0)
    throw new EnvironmentError([`CONTROL_DATABASE_URL: is missing, and ${Object.keys(hosts).join(', ')} name more than one database`]);
  if (!control) throw new EnvironmentError(['POS_DATABASE_URL: is missing (or another …_DATABASE_URL that a host.yaml names)']);
  return { hosts: { ...hosts, TILL_DATABASE_URL: hosts.TILL_DATABASE_URL ?? control }, control };
}

/** The URL with which each database is migrated, by the variable of the URL with which it is served: `POS_MIGRATE_URL` for `POS_DATABASE_URL`. */
export function migrateUrlsOf(config: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config)
      .filter((entry): entry is [string, string] => entry[0].endsWith('_MIGRATE_URL') && typeof entry[1] === 'string')
      .map(([name, url]) => [name.replace(/_MIGRATE_URL$/, '_DATABASE_URL'), url]),
  );
}
