import { z } from 'zod';
import { withSecretFiles } from './secret-files.ts';
import { serverUrls } from './server-urls.ts';

/** Every invalid variable of one process, each with what it must be. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`invalid environment:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Parses the environment of a process. An empty variable counts as unset. A secret may be in a file that `NAME_FILE` names.
 * @throws EnvironmentError that names every invalid variable, and no value, because it may be a secret
 */
export function readEnvironment<Schema extends z.ZodType>(schema: Schema, environment: NodeJS.ProcessEnv): z.output<Schema> {
  const files = withSecretFiles(environment);
  const variables = Object.fromEntries(Object.entries(files.variables).filter(([, value]) => value !== undefined && value !== ''));
  if (files.problems.length > 0) throw new EnvironmentError(files.problems);
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  throw new EnvironmentError(
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'environment'}: ${messageOf(issue, variables)}`),
  );
}

/** zod reports a number that cannot be coerced like a missing one, so whether the variable is set decides. */
function messageOf(issue: z.core.$ZodIssue, variables: Readonly<Record<string, unknown>>): string {
  const isMissing = issue.code === 'invalid_type' && variables[String(issue.path[0])] === undefined;
  return isMissing ? 'is missing' : issue.message;
}

const redisForms =
  'redis://host:port, redis+sentinel://host:port,host:port/<master name> or redis+cluster://host:port,host:port; with TLS rediss://, rediss+sentinel:// or rediss+cluster://';

function isRedisUrl(text: string): boolean {
  const urls = serverUrls(text);
  const scheme = (urls[0]?.protocol ?? '').replace(/^rediss/, 'redis');
  const hasPath = (urls[0]?.pathname ?? '').length > 1;
  if (scheme === 'redis+sentinel:') return hasPath;
  if (scheme === 'redis+cluster:') return !hasPath; // a Cluster has one database only
  return scheme === 'redis:' && urls.length === 1;
}

/** Schemas for environment variables. */
export const environment = {
  port: (fallback: number) => z.coerce.number('must be a port number, 0 to 65535').int().min(0).max(65_535).default(fallback),
  count: (fallback: number, max = 64) => z.coerce.number(`must be a whole number, 1 to ${max}`).int().min(1).max(max).default(fallback),
  milliseconds: (fallback: number, range: { min: number; max: number }) =>
    z.coerce.number('must be milliseconds').int().min(range.min).max(range.max).default(fallback),
  flag: () =>
    z
      .enum(['0', '1'], 'must be 0 or 1')
      .default('0')
      .transform((value) => value === '1'),
  url: (...protocols: string[]) =>
    z
      .string()
      .refine(
        (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)),
        `must be a URL that starts with ${protocols.map((p) => `${p}://`).join(' or ')}`,
      ),
  databaseUrl: () =>
    z.string().refine((text) => /^postgres(ql)?:/.test(serverUrls(text)[0]?.protocol ?? ''), 'must be a URL that starts with postgres://'),
  redisUrl: () => z.string().refine(isRedisUrl, `must be ${redisForms}`),
  logLevel: () => z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  list: (fallback: string) =>
    z
      .string()
      .default(fallback)
      .transform((text) =>
        text
          .split(',')
          .map((item) => item.trim())
          .filter(Boolean),
      ),
};
