import { readFileSync } from 'node:fs';
import { newSecret, sealedSecret } from '@gateway/shared/runtime';
import { z } from 'zod';
import { replacePrivateFile } from './servers/private-file.ts';
import { StartError } from './start-error.ts';

/** Secrets that the first start generates and later starts reuse. Their forms are those that the log redaction recognises. */
const generators = {
  postgresPassword: newSecret,
  servePassword: newSecret,
  redisPassword: newSecret,
  operatorPassword: () => newSecret().slice(0, 16), // short, because a person types it
  linkSigningKey: newSecret,
  masterKeys: () => sealedSecret.newMasterKey('local'),
  midtransServerKey: () => `SB-Mid-server-${newSecret()}`,
  xenditSecretKey: () => `xnd_development_${newSecret()}`,
  xenditCallbackToken: newSecret,
} as const;

export type SecretName = keyof typeof generators;
export type Secrets = Readonly<Record<SecretName, string>>;

/**
 * Reads the secrets of a data folder and generates missing ones. `generated` names the new ones, because a password is printed once.
 * @throws StartError when the file is not readable
 */
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
      `${file} cannot be read. It holds the passwords of the databases beside it: restore it, or remove the whole folder to start with empty databases.`,
      { cause: error },
    );
  }
}
