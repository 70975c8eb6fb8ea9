import { environment, readEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';

const schema = z.object({
  LOG_LEVEL: environment.logLevel(),
  HOST: z.string().default('127.0.0.1'),
  METRICS_PORT: environment.port(9100),
  REDIS_URL: environment.redisUrl(),
  POS_DATABASE_URL: environment.databaseUrl(),
});

export type Config = z.output<typeof schema>;

/** This process's environment, read once. @throws EnvironmentError naming every wrong variable */
export const readConfig = (env: NodeJS.ProcessEnv): Config => readEnvironment(schema, env);
