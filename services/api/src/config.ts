import { databaseEnvironment, databasesOf } from '@gateway/shared/postgres';
import { accountsOf, providerEnvironment } from '@gateway/shared/provider';
import { environment, operatorUsers, readEnvironment, serviceEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';

const schema = z.looseObject({
  ...serviceEnvironment,
  ...databaseEnvironment,
  ...providerEnvironment,
  API_PORT: environment.port(3000),
  /** Several api processes on one machine listen on the same port. */
  SHARE_PORT: environment.flag(),
  HOSTS_DIR: z.string().default('hosts'),
  PUBLIC_URL: environment.url('http', 'https').transform((url) => url.replace(/\/{1,9}$/, '')),
  LINK_SIGNING_KEY: z.string().min(32, 'must have 32 characters or more'),
  CORS_ORIGINS: environment
    .list('')
    .refine(
      (origins) => origins.every(isOrigin),
      'must be origins, such as https://kitchen.example.id: no path, no * (several with commas)',
    ),
  /** The number of our own proxies in front of the api. The caller's address is read from what they add to X-Forwarded-For. */
  TRUST_PROXY: z.coerce.number('must be a whole number, 0 to 5').int().min(0).max(5).default(0),
  /** For one key in one process. Far above what a till sends, so that only a till caught in a loop is limited. */
  CLIENT_REQUESTS_PER_SECOND: z.coerce.number('must be a whole number, 1 to 100000').int().min(1).max(100_000).default(1_000),
  OPERATOR_USERS: operatorUsers(),
  LOCAL_STACK: environment.flag(),
});

const isOrigin = (text: string): boolean => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;

/** The environment of an api process, read once at its start. @throws EnvironmentError that names every wrong variable */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readEnvironment(schema.superRefine(requireSafeSettings), env);
  return { ...config, accounts: accountsOf(config), databases: databasesOf(config) };
}

/** Refuses live provider accounts on a local stack, which opens routes that a shop must not have; and operators' passwords without TLS. */
function requireSafeSettings(config: z.output<typeof schema>, context: z.RefinementCtx): void {
  for (const name of ['MIDTRANS_MODE', 'XENDIT_MODE'] as const) {
    if (config.LOCAL_STACK && config[name] === 'live')
      context.addIssue({ code: 'custom', path: [name], message: 'must not be live when LOCAL_STACK=1' });
  }
  if (config.OPERATOR_USERS.length > 0 && !config.LOCAL_STACK && !isEncryptedOrLocal(new URL(config.PUBLIC_URL))) {
    const message = 'operators would send their passwords in the clear: PUBLIC_URL must begin with https://';
    context.addIssue({ code: 'custom', path: ['OPERATOR_USERS'], message });
  }
}

/** Whether passwords cannot be read on the network: HTTPS, or a URL on this machine. */
const isEncryptedOrLocal = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
