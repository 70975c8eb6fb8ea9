import { databaseEnvironment, databasesOf } from '@gateway/shared/postgres';
import { liveModes, providerModes } from '@gateway/shared/provider';
import { readEnvironment, requireSafeEnvironment, serviceEnvironment, tlsPolicy } from '@gateway/shared/runtime';
import { z } from 'zod';

const schema = z.looseObject({ ...serviceEnvironment, ...databaseEnvironment, ...providerModes, HOSTS_DIR: z.string().default('hosts') });

/** One database and the environment variables that hold its URL. Hosts may share a database. */
export interface NamedDatabase {
  url: string;
  /** The variables of hosts. Empty for a database that holds control data only. */
  names: string[];
}

/** This process's environment, read once. @throws EnvironmentError that names every invalid variable */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readEnvironment(schema, env);
  const live = liveModes(config);
  const situation = {
    isLocalStack: config.LOCAL_STACK,
    liveModes: live,
    isLive: live.length > 0,
    allowPlaintext: config.ALLOW_PLAINTEXT,
  };
  requireSafeEnvironment(config, situation);
  return { ...config, databases: byUrl(databasesOf(config)), needsTls: tlsPolicy(situation) };
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
