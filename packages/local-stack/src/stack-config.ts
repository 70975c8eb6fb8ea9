import path from 'node:path';
import { environment, readEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';

const mode = (provider: string) =>
  z
    .enum(['test', 'live'], 'must be test')
    .refine(
      (value) => value !== 'live',
      `must not be live: npm start opens demo keys and the simulator. Run the services themselves against ${provider}`,
    )
    .default('test');

const schema = z
  .object({
    DATA_DIR: z.string().default('.data'),
    HOST: z.string().default('127.0.0.1'),
    API_PORT: environment.port(3000),
    SIMULATOR_PORT: environment.port(3010),
    METRICS_PORT: environment.port(9100),
    API_PROCESSES: environment.count(1),
    WORKER_PROCESSES: environment.count(1),
    NOTIFIER_PROCESSES: environment.count(1),
    POS_DATABASE_URL: environment.databaseUrl().optional(),
    ERP_DATABASE_URL: environment.databaseUrl().optional(),
    CONTROL_DATABASE_URL: environment.databaseUrl().optional(),
    REDIS_URL: environment.redisUrl().optional(),
    PUBLIC_URL: environment.url('http', 'https').optional(),
    OPERATOR_PASSWORD: z.string().min(8, 'must be at least 8 characters').optional(),
    OPERATOR_USERS: z.string().optional(),
    MIDTRANS_MODE: mode('Midtrans'),
    MIDTRANS_BASE_URL: environment.url('http', 'https').optional(),
    MIDTRANS_SERVER_KEY: z.string().optional(),
    XENDIT_MODE: mode('Xendit'),
    XENDIT_BASE_URL: environment.url('http', 'https').optional(),
    XENDIT_SECRET_KEY: z.string().optional(),
    XENDIT_CALLBACK_TOKEN: z.string().optional(),
  })
  .superRefine((read, { addIssue }) => {
    const missing = 'is missing: the base URL given for this provider is not the simulator, so a key made up here is no use there';
    for (const [baseUrl, ...keys] of credentials) {
      for (const key of keys) if (read[baseUrl] && !read[key]) addIssue({ code: 'custom', path: [key], message: missing });
    }
  });

const credentials = [
  ['MIDTRANS_BASE_URL', 'MIDTRANS_SERVER_KEY'],
  ['XENDIT_BASE_URL', 'XENDIT_SECRET_KEY', 'XENDIT_CALLBACK_TOKEN'],
] as const;

export type StackConfig = z.output<typeof schema>;

/** What `npm start` may be told. `DATA_DIR` comes out as a full path. @throws EnvironmentError naming every wrong variable */
export function readStackConfig(given: NodeJS.ProcessEnv, root: string): StackConfig {
  const read = readEnvironment(schema, given);
  return { ...read, DATA_DIR: path.resolve(root, read.DATA_DIR) };
}
