import { EnvironmentError, environment } from '../runtime/index.ts';

/** The variables of the databases that ship with the project. A host.yaml may name others; every name ends in `_DATABASE_URL`. */
export const databaseEnvironment = {
  POS_DATABASE_URL: environment.databaseUrl().optional(),
  ERP_DATABASE_URL: environment.databaseUrl().optional(),
  CONTROL_DATABASE_URL: environment.databaseUrl().optional(),
};

export interface DatabaseUrls {
  /** The URL by variable, without the control database. */
  hosts: Record<string, string>;
  /** The URL of the control database: clients, holds, settings, audit log. Default: the first host's database. */
  control: string;
}

/** @throws EnvironmentError when no host has a database, or a URL is invalid */
export function databasesOf(config: Record<string, unknown>): DatabaseUrls {
  const all = Object.entries(config).filter(
    (entry): entry is [string, string] => entry[0].endsWith('_DATABASE_URL') && typeof entry[1] === 'string',
  );
  const invalid = all
    .filter(([, url]) => !environment.databaseUrl().safeParse(url).success)
    .map(([name]) => `${name}: must be a URL that starts with postgres://`);
  if (invalid.length > 0) throw new EnvironmentError(invalid);
  const { CONTROL_DATABASE_URL, ...hosts } = Object.fromEntries(all);
  const control = CONTROL_DATABASE_URL ?? hosts.POS_DATABASE_URL ?? Object.values(hosts)[0];
  if (!control) throw new EnvironmentError(['POS_DATABASE_URL: is missing (or another …_DATABASE_URL that a host.yaml names)']);
  return { hosts, control };
}
