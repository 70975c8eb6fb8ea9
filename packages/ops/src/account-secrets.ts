import { type AccountSecrets, providerKind } from '@gateway/shared/provider';
import { readTextFile } from '@gateway/shared/runtime';
import type { Terminal } from './cli.ts';
import type { CommandArgs } from './command-args.ts';
import { CommandError } from './command-error.ts';

const maxInputLength = 10_000;

/**
 * Reads the secrets of an account: one JSON object in `--secrets-file` or on standard input, never an argument, because every user of the
 * machine can read the arguments of a process. No error contains a value. @returns at least one secret
 * @throws CommandError
 */
export async function readSecrets(provider: string, args: CommandArgs, terminal: Terminal): Promise<AccountSecrets> {
  const file = args.optionalOption('secrets-file');
  const source = file ?? 'standard input';
  const names = secretNamesOf(provider);
  const parsed = parse(file === null ? await readAll(terminal.in) : readFile(file), source);
  const entries = Object.entries(parsed);
  const unknown = entries.map(([name]) => name).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new CommandError(`${source}: unknown field ${JSON.stringify(unknown[0])}; expected ${names.join(', ')}`);
  if (entries.length === 0) throw new CommandError(`${source}: no secret; expected a JSON object with ${names.join(', ')}`);
  for (const [name, value] of entries) {
    if (typeof value !== 'string' || !/^[\x21-\x7e]{4,500}$/.test(value))
      throw new CommandError(`${source}: ${name} must be 4 to 500 characters without white space`);
  }
  return parsed as AccountSecrets;
}

/** The names of the secrets that an account of this provider has. */
export function secretNamesOf(provider: string): string[] {
  const { secretKey, webhookSecret } = providerKind(provider).secretNames;
  return [...new Set([secretKey, webhookSecret])];
}

function readFile(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    throw new CommandError(`--secrets-file: ${(error as Error).message}`);
  }
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > maxInputLength) throw new CommandError(`standard input: more than ${maxInputLength} characters`);
  }
  return text;
}

function parse(text: string, source: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // The parser's message quotes the text, which is a secret.
  }
  throw new CommandError(`${source}: expected one JSON object with the secrets`);
}
