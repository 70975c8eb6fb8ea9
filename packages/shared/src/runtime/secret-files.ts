import { readTextFile } from './text-file.ts';

/** The variables that may hold a secret. Others that end in `_FILE`, such as SSL_CERT_FILE, are left as they are. */
const maybeSecret =
  /(_URL|_KEY|_KEY_PREVIOUS|_TOKEN|_TOKEN_PREVIOUS|_PASSWORD|_CLIENT_SECRET|^OPERATOR_USERS|^PROVIDER_ACCOUNTS|^MASTER_KEYS)$/;

/**
 * Replaces each `NAME_FILE` by `NAME` with the content of the file, without the line break at its end: secrets of Docker and Kubernetes are
 * files, and a file does not show in `docker inspect`. @returns the variables, and a problem for each file that cannot be used
 */
export function withSecretFiles(variables: NodeJS.ProcessEnv): { variables: NodeJS.ProcessEnv; problems: string[] } {
  const result = { ...variables };
  const problems: string[] = [];
  for (const [fileName, path] of Object.entries(variables)) {
    const name = fileName.replace(/_FILE$/, '');
    if (name === fileName || !path || !maybeSecret.test(name)) continue;
    delete result[fileName];
    if (variables[name]) problems.push(`${fileName}: ${name} is set, too: leave one of them out`);
    else
      try {
        result[name] = readTextFile(path).replace(/\r?\n$/, '');
      } catch (error) {
        problems.push(`${fileName}: ${(error as Error).message}`);
      }
  }
  return { variables: result, problems };
}
