import { databaseConnections, databaseEnvironment, databasesOf } from '@gateway/shared/postgres';
import { accountsOf, isLive, liveAddresses, liveModes, providerEnvironment } from '@gateway/shared/provider';
import { environment, readEnvironment, requireSafeEnvironment, serviceEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';

const schema = z.looseObject({
  ...serviceEnvironment,
  ...databaseEnvironment,
  ...providerEnvironment,
  DATABASE_CONNECTIONS: databaseConnections(20),
  HOSTS_DIR: z.string().default('hosts'),
  HEDGE_AFTER_MS: environment.milliseconds(0, { min: 0, max: 10_000 }),
  CREATE_LIMIT_MS: environment.milliseconds(9_500, { min: 100, max: 20_000 }), // a till waits 10 s for its answer
  BREAKER_REST_MS: environment.milliseconds(10_000, { min: 100, max: 120_000 }),
  HOST_PATIENCE_MS: environment.milliseconds(30_000, { min: 0, max: 120_000 }),
});

/** The environment of this process, read once. @throws EnvironmentError naming every invalid variable */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readEnvironment(schema, env);
  const read = { ...config, databases: databasesOf(config) };
  const live = { liveModes: liveModes(config), isLive: isLive(config), httpsOnly: liveAddresses(accountsOf(config)) };
  return { ...read, needsTls: requireSafeEnvironment(config, live) };
}
