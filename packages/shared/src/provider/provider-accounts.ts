import { z } from 'zod';
import { environment } from '../runtime/index.ts';
import { providerKind, providerKinds, providerNames } from './provider-factory.ts';
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
};

const providerSchema = z.object(providerEnvironment);
type ProviderEnvironment = z.output<typeof providerSchema>;

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
