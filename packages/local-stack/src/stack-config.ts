import path from 'node:path';
import { environment, readEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';

const mode = z.literal('test', 'must be test, never live: npm start opens demo keys and the simulator').default('test');

const highestMetricsPort = 65_535 - 3 * 64; // three services with at most 64 processes each

const schema = z
  .object({
    DATA_DIR: z.string().default('.data'),
    HOST: z.string().default('127.0.0.1'),
    API_PORT: environment.port(3000),
    SIMULATOR_PORT: environment.port(3010),
    METRICS_PORT: environment
      .port(9100)
      .refine((port) => port <= highestMetricsPort, `must be at most ${highestMetricsPort}: processes count up from it`),
    API_PROCESSES: environment.count(1),
    WORKER_PROCESSES: environment.count(1),
    NOTIFIER_PROCESSES: environment.count(1),
    POS_DATABASE_URL: environment.databaseUrl().optional(),
    ERP_DATABASE_URL: environment.databaseUrl().optional(),
    TILL_DATABASE_URL: environment.databaseUrl().optional(),
    CONTROL_DATABASE_URL: environment.databaseUrl().optional(),
    POS_MIGRATE_URL: environment.databaseUrl().optional(),
    ERP_MIGRATE_URL: environment.databaseUrl().optional(),
    TILL_MIGRATE_URL: environment.databaseUrl().optional(),
    CONTROL_MIGRATE_URL: environment.databaseUrl().optional(),
    REDIS_URL: environment.redisUrl().optional(),
    PUBLIC_URL: environment.url('http', 'https').optional(),
    OPERATOR_PASSWORD: z.string().min(8, 'must be at least 8 characters').optional(),
    OPERATOR_USERS: z.string().optional(),
    MASTER_KEYS: z.string().optional(),
    MIDTRANS_MODE: mode,
    MIDTRANS_BASE_URL: environment.url('http', 'https').optional(),
    MIDTRANS_SERVER_KEY: z.string().optional(),
    XENDIT_MODE: mode,
    XENDIT_BASE_URL: environment.url('http', 'https').optional(),
    XENDIT_SECRET_KEY: z.string().optional(),
    XENDIT_CALLBACK_TOKEN: z.string().optional(),
  })
  .refine(...requireOwnKey('MIDTRANS_SERVER_KEY', 'MIDTRANS_BASE_URL'))
  .refine(...requireOwnKey('XENDIT_SECRET_KEY', 'XENDIT_BASE_URL'))
  .refine(...requireOwnKey('XENDIT_CALLBACK_TOKEN', 'XENDIT_BASE_URL'));

type Read<Name extends string> = { [Each in Name]?: string | undefined };
type Refinement = { path: string[]; error: string; when: () => boolean };

/** A generated key works at the simulator only, so another provider address needs its own key. */
function requireOwnKey<Key extends string, Url extends string>(key: Key, baseUrl: Url): [(read: Read<Key | Url>) => boolean, Refinement] {
  const isValid = (read: Read<Key | Url>) => read[key] !== undefined || read[baseUrl] === undefined;
  const error = `is missing: ${baseUrl} is not the simulator, so its own key is needed`;
  return [isValid, { path: [key], error, when: () => true }]; // reported together with all other problems
}

export type StackConfig = z.output<typeof schema>;

/** Reads the environment of `npm start`. `DATA_DIR` becomes a full path. @throws EnvironmentError naming every wrong variable */
export function readStackConfig(variables: NodeJS.ProcessEnv, root: string): StackConfig {
  const read = readEnvironment(schema, variables);
  return { ...read, DATA_DIR: path.resolve(root, read.DATA_DIR) };
}
