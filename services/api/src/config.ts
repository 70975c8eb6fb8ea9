import { databaseConnections, databaseEnvironment, databasesOf } from '@gateway/shared/postgres';
import { accountsOf, isLive, liveAddresses, liveModes, providerEnvironment } from '@gateway/shared/provider';
import {
  environment,
  isOnThisMachine,
  networkEnvironment,
  operatorUsers,
  readEnvironment,
  refundApprovalFrom,
  requireSafeEnvironment,
  sealedSecret,
  serviceEnvironment,
} from '@gateway/shared/runtime';
import { z } from 'zod';
import type { OidcSettings } from './operator/sign-in/oidc.ts';

const schema = z.looseObject({
  ...serviceEnvironment,
  ...databaseEnvironment,
  ...providerEnvironment,
  ...networkEnvironment,
  API_PORT: environment.port(3000),
  /** Several api processes on one machine listen on the same port. */
  SHARE_PORT: environment.flag(),
  /** How long the process accepts requests after SIGTERM, so that a load balancer sees `/health/serving` before the port closes. */
  DRAIN_MS: environment.milliseconds(0, { min: 0, max: 30_000 }),
  DATABASE_CONNECTIONS: databaseConnections(20),
  HOSTS_DIR: z.string().default('hosts'),
  PUBLIC_URL: environment.url('http', 'https').transform((url) => url.replace(/\/{1,9}$/, '')),
  /** Seal the secrets of webhook endpoints. Empty: no endpoint can be made. */
  MASTER_KEYS: sealedSecret.masterKeysVariable(),
  LINK_SIGNING_KEY: signingKey(),
  /** Links and stream tokens that were signed with it are still accepted. */
  LINK_SIGNING_KEY_PREVIOUS: signingKey().optional(),
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
  /** The OpenID Connect provider of the operators, with the client that it knows this gateway as. All three or none. */
  OIDC_ISSUER: environment.url('http', 'https').optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  /** The claim of the ID token that has the role of a person, or a list of roles. */
  OIDC_ROLE_CLAIM: z.string().default('role'),
  REFUND_APPROVAL_FROM: refundApprovalFrom(),
  /** Of the local stack: the audit compares its records. */
  SIMULATOR_URL: environment.url('http').optional(),
  /** The file to which security events are appended. Unset: standard error. */
  SECURITY_LOG: z.string().optional(),
});

function signingKey() {
  return z.string().min(32, 'must have 32 characters or more');
}

/** The first key signs links and stream tokens; all of them are accepted. */
export type SigningKeys = readonly [string, ...string[]];

const isOrigin = (text: string): boolean => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;

/** The environment of an api process, read once at its start. @throws EnvironmentError that names every wrong variable */
export function readConfig(env: NodeJS.ProcessEnv) {
  const config = readEnvironment(schema.superRefine(requireEncryptedPasswords).superRefine(requireWholeOidc), env);
  const { LINK_SIGNING_KEY: key, LINK_SIGNING_KEY_PREVIOUS: previousKey } = config;
  const signingKeys: SigningKeys = previousKey ? [key, previousKey] : [key];
  const isInProduction = isLive(config);
  const hasSecureCookies = isInProduction || new URL(config.PUBLIC_URL).protocol === 'https:';
  const operatorUsersFile = env.OPERATOR_USERS_FILE || null;
  const read = { ...config, oidc: oidcOf(config), databases: databasesOf(config), signingKeys, hasSecureCookies, operatorUsersFile };
  const httpsOnly = { ...liveAddresses(accountsOf(config)), PUBLIC_URL: config.PUBLIC_URL };
  return { ...read, needsTls: requireSafeEnvironment(config, { liveModes: liveModes(config), isLive: isInProduction, httpsOnly }) };
}

/** Null: persons sign in with passwords only. */
function oidcOf({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ROLE_CLAIM }: z.output<typeof schema>): OidcSettings | null {
  if (!OIDC_ISSUER || !OIDC_CLIENT_ID || !OIDC_CLIENT_SECRET) return null;
  return { issuer: OIDC_ISSUER, clientId: OIDC_CLIENT_ID, clientSecret: OIDC_CLIENT_SECRET, roleClaim: OIDC_ROLE_CLAIM };
}

/** Refuses a provider without its client, and one whose answers can be read on the network. */
function requireWholeOidc({ OIDC_ISSUER: issuer, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET }: z.output<typeof schema>, context: z.RefinementCtx) {
  const names = { OIDC_ISSUER: issuer, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET };
  const missing = Object.entries(names).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length > 0 && missing.length < 3)
    for (const name of missing) context.addIssue({ code: 'custom', path: [name], message: 'must be set with the other OIDC_ variables' });
  if (issuer && new URL(issuer).protocol !== 'https:' && !isOnThisMachine(new URL(issuer)))
    context.addIssue({ code: 'custom', path: ['OIDC_ISSUER'], message: 'must begin with https://' });
}

/** Refuses operators' passwords that can be read on the network. */
function requireEncryptedPasswords(config: z.output<typeof schema>, context: z.RefinementCtx): void {
  const publicUrl = new URL(config.PUBLIC_URL);
  const hasOperators = config.OPERATOR_USERS.length > 0 || config.OIDC_ISSUER !== undefined;
  if (hasOperators && !config.LOCAL_STACK && publicUrl.protocol !== 'https:' && !isOnThisMachine(publicUrl)) {
    const message = 'operators would send their passwords in the clear: PUBLIC_URL must begin with https://';
    context.addIssue({ code: 'custom', path: ['OPERATOR_USERS'], message });
  }
}
