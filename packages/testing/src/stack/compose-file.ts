import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { checkoutDir } from '../checkout.ts';

/** A service of docker-compose.yml: the fields that tests read. */
export interface ComposeService {
  image: string;
  command: string[];
  environment: Record<string, string>;
  healthcheck?: { test: string[] };
  profiles?: string[];
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  cpus?: number;
  pids_limit?: number;
  restart?: string;
  stop_grace_period?: string;
  depends_on?: Record<string, { condition: string }>;
  tmpfs?: string[];
  volumes?: string[];
  ports?: string[];
  networks?: string[];
  build?: { target: string };
}

/** Reads docker-compose.yml with the values of an env file, as Compose does. @throws when a required variable is missing */
export function readComposeFile(envFile: string, overrides: Readonly<Record<string, string>> = {}): Record<string, ComposeService> {
  const variables = { ...parseEnv(readFileSync(path.join(checkoutDir, envFile), 'utf8')), ...overrides };
  const text = readFileSync(path.join(checkoutDir, 'docker-compose.yml'), 'utf8');
  const composeFile = parse(text, { merge: true }) as { services: Record<string, ComposeService> };
  return JSON.parse(JSON.stringify(composeFile.services), (_key, value) =>
    typeof value === 'string' ? interpolate(value, variables) : value,
  );
}

/** Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, the forms that docker-compose.yml uses. */
function interpolate(text: string, variables: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, operator?: string, operand = '') => {
    const value = variables[name];
    if (!value && operator === '?') throw new Error(`${name} ${operand}`);
    return value || (operator === '-' ? operand : '');
  });
}
