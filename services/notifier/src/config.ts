import { databaseEnvironment, databasesOf } from '@gateway/shared/postgres';
import { environment, readEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';

const schema = z.looseObject({
  ...databaseEnvironment,
  LOG_LEVEL: environment.logLevel(),
  HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: environment.port(9100),
  REDIS_URL: environment.redisUrl(),
});

/** One database, and the environment variables that name it: hosts may share one. */
export interface NamedDatabase {
  url: string;
  /** The variables of hosts; none when only the gateway's own control data is there. */
  names: string[];
}

/** This process's environment, read once. @throws EnvironmentError naming every wrong variable */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readEnvironment(schema, env);
  return { ...config, databases: byUrl(databasesOf(config)) };
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
