import { databaseConnections, databaseEnvironment, databasesOf } from '@gateway/shared/postgres';
import { liveModes, providerModes } from '@gateway/shared/provider';
import { networkEnvironment, readEnvironment, requireSafeEnvironment, sealedSecret, serviceEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';

const schema = z.looseObject({
  ...serviceEnvironment,
  ...databaseEnvironment,
  ...providerModes,
  ...networkEnvironment,
  DATABASE_CONNECTIONS: databaseConnections(4),
  HOSTS_DIR: z.string().default('hosts'),
  MASTER_KEYS: sealedSecret.masterKeysVariable(),
  /** How long orders of tills are kept after they were paid or voided. A payment may be refunded meanwhile, so not less than a month. */
  TILL_ORDERS_DAYS: z.coerce.number('must be a whole number, 31 to 4000').int().min(31).max(4_000).default(400),
});

/** One database and the environment variables that hold its URL. Hosts may share a database. */
export interface NamedDatabase {
  url: string;
  /** The variables of hosts. Empty for a database that holds control data only. */
  names: string[];
}

/** This process's environment, read once. @throws EnvironmentError that names every invalid variable */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readEnvironment(schema, env);
  const needsTls = requireSafeEnvironment(config, { liveModes: liveModes(config) });
  const databases = databasesOf(config);
  return { ...config, databases: byUrl(databases), controlDatabase: databases.control, needsTls };
}

function byUrl({ hosts, control }: ReturnType<typeof databasesOf>): NamedDatabase[] {
  const databases = new Map<string, NamedDatabase>();
  const entryOf = (url: string): NamedDatabase => {
    const entry = databases.get(url) ?? { url, names: [] };
    databases.set(url, entry);
    return entry;
  };
  for (const [name, url] of Object.entries(hosts)) entryOf(url).names.push(name);
  entryOf(control);
  return [...databases.values()];
}
