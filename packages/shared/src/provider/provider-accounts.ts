import { z } from 'zod';
import { type Clock, environment, type Logger, sealedSecret } from '../runtime/index.ts';
import { type AccountDirectory, accountWith, createAccountDirectory, type StoredAccount } from './account-directory.ts';
import { providerKind, providerKinds, providerNames } from './provider-factory.ts';
import type { ProviderKind } from './provider-kind.ts';
import type { ProviderAccount } from './qris-provider.ts';

/** The id of an account within its provider; `default` is the first one. */
export const accountIdPattern = /^[a-z0-9][a-z0-9-]{0,30}$/;

type Kinds = (typeof providerKinds)[keyof typeof providerKinds];
type UnionToIntersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer Intersection) => void
  ? Intersection
  : never;

/** The environment variables of all accounts: docs/deployment.md. A provider without its secret key is not used. */
export const providerEnvironment = {
  PROVIDERS: environment.list(providerNames.join(',')),
  ...(Object.assign({}, ...Object.values(providerKinds).map(({ variables }) => variables)) as UnionToIntersection<Kinds['variables']>),
  /** Further accounts: `{"midtrans": {"jkt": {"secretKey": "…"}}}`. A setting that is left out is the one of the default account. */
  PROVIDER_ACCOUNTS: z.string().default('{}').transform(parseJson).pipe(furtherAccounts()),
  /** Opens the secrets of the accounts that are set while serving. */
  MASTER_KEYS: sealedSecret.masterKeysVariable(),
};

type ModeName = Extract<keyof typeof providerEnvironment, `${string}_MODE`>;

/** The mode of each provider. A process that calls no provider reads these only, to learn whether real money moves. */
export const providerModes = Object.fromEntries(Object.entries(providerEnvironment).filter(([name]) => name.endsWith('_MODE'))) as Pick<
  typeof providerEnvironment,
  ModeName
>;

/** The variables that say `live`. */
export const liveModes = (config: Readonly<Record<ModeName, 'test' | 'live'>>): string[] =>
  (Object.keys(providerModes) as ModeName[]).filter((name) => config[name] === 'live');

/** What an account in live mode calls or names to its provider, by variable. */
export const liveAddresses = (accounts: readonly ProviderAccount[]): Record<string, string | undefined> =>
  Object.fromEntries(
    accounts
      .filter(({ mode }) => mode === 'live')
      .flatMap(({ provider, id, baseUrl, notificationUrl }) => [
        [`${provider.toUpperCase()}_BASE_URL`, baseUrl],
        [`PROVIDER_ACCOUNTS ${provider}/${id} notificationUrl`, notificationUrl],
      ]),
  );

const providerSchema = z.object(providerEnvironment);
export type ProviderEnvironment = z.output<typeof providerSchema>;

/** Every configured account, by provider: its `default` account first, then the further ones. */
export function accountsOf(env: ProviderEnvironment): ProviderAccount[] {
  return providerNames.flatMap((name) => {
    const kind = providerKind(name);
    const account = kind.defaultAccount(env);
    if (!account) return [];
    const further = Object.entries(env.PROVIDER_ACCOUNTS[name] ?? {}).map(([id, settings]) => ({
      ...account,
      id,
      secretKey: settings.secretKey,
      webhookSecrets: settings.webhookSecrets ?? kind.webhookSecretsOf(settings, account),
      ...(settings.acquirer ? { acquirer: settings.acquirer } : {}),
      ...(settings.forUserId ? { forUserId: settings.forUserId } : {}),
      ...(settings.notificationUrl ? { notificationUrl: settings.notificationUrl } : {}),
    }));
    return [account, ...further];
  });
}

interface DirectoryTools {
  /** Whether the process is part of a local stack, which has no live account. */
  isLocalStack: boolean;
  /** The last copy of the stored accounts; null: none was read yet. */
  stored: () => readonly StoredAccount[] | null;
  clock: Clock;
  log: Pick<Logger, 'error'>;
}

/** The accounts of the environment and those of the control database, as of now. */
export const accountDirectoryOf = (env: ProviderEnvironment, { isLocalStack, ...tools }: DirectoryTools): AccountDirectory =>
  createAccountDirectory({
    ...tools,
    configured: accountsOf(env),
    masterKeys: env.MASTER_KEYS,
    defaultsOf: defaultsIn(env),
    mayUseLive: !isLocalStack && isLive(env),
  });

const defaultsIn =
  (env: ProviderEnvironment) =>
  (provider: string, mode: ProviderAccount['mode']): ReturnType<ProviderKind['defaultsOf']> =>
    providerKind(provider).defaultsOf(env, mode);

/** A stored account with these secrets, as the processes of this environment use it. */
export const accountWithSecrets = (
  env: ProviderEnvironment,
  row: Parameters<typeof accountWith>[1],
  secrets: Parameters<typeof accountWith>[2],
): ProviderAccount => accountWith({ defaultsOf: defaultsIn(env) }, row, secrets);

/** Whether real money may move: an account of the environment is live, or one that is set while serving may be. */
export const isLive = (env: ProviderEnvironment): boolean =>
  accountsOf(env).some(({ mode }) => mode === 'live') || (env.MASTER_KEYS.length > 0 && liveModes(env).length > 0);

function furtherAccounts() {
  const secret = z.string().regex(/^\S+$/, 'must not contain white space');
  const settings = z.strictObject({
    secretKey: secret,
    webhookSecrets: z.array(secret).min(1).optional(),
    acquirer: z.string().optional(),
    forUserId: z.string().optional(),
    notificationUrl: environment.url('http', 'https').optional(),
  });
  const name = z.string().regex(accountIdPattern, 'an account id must be 1 to 31 of a-z 0-9 -, no dash first');
  const provider = z.enum(providerNames, `must be one of ${providerNames.join(', ')}`);
  return z.partialRecord(provider, z.record(name, settings));
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
}
