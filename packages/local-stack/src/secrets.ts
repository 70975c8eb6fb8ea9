import { readFileSync } from 'node:fs';
import { newSecret } from '@gateway/shared/runtime';
import { z } from 'zod';
import { replacePrivateFile } from './servers/private-file.ts';
import { StartError } from './start-error.ts';

/** What is made up at the first start and must be the same at the next one. The shapes are those that logs are redacted by. */
const generators = {
  postgresPassword: newSecret,
  redisPassword: newSecret,
  operatorPassword: () => newSecret().slice(0, 16), // a person types it
  linkSigningKey: newSecret,
  midtransServerKey: () => `SB-Mid-server-${newSecret()}`,
  xenditSecretKey: () => `xnd_development_${newSecret()}`,
  xenditCallbackToken: newSecret,
} as const;

export type SecretName = keyof typeof generators;
export type Secrets = Readonly<Record<SecretName, string>>;

/** `made` names those that are new: a password is printed once. */
export function openSecrets(file: string): { secrets: Secrets; generated: ReadonlySet<SecretName> } {
  const stored = readSecrets(file);
  const names = Object.keys(generators) as SecretName[];
  const generated = new Set(names.filter((name) => !stored[name]));
  const secrets = Object.fromEntries(names.map((name) => [name, stored[name] ?? generators[name]()])) as Record<SecretName, string>;
  if (generated.size > 0) replacePrivateFile(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return { secrets, generated };
}

function readSecrets(file: string): Partial<Record<string, string>> {
  try {
    return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new StartError(
      `${file} cannot be read. It holds the passwords of the databases beside it: restore it, or remove the whole folder to begin anew.`,
      { cause: error },
    );
  }
}
