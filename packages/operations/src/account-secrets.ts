import { type AccountSecrets, providerKind } from '@gateway/shared/provider';
import { CommandError } from './command-error.ts';

/**
 * Reads the secrets of an account from one JSON object. No error contains a value. @returns at least one secret
 * @throws CommandError
 */
export function accountSecrets(provider: string, text: string): AccountSecrets {
  const names = secretNamesOf(provider);
  const entries = Object.entries(parse(text));
  const unknown = entries.map(([name]) => name).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new CommandError({
      en: `the secrets: unknown field ${JSON.stringify(unknown[0])}; expected ${names.join(', ')}`,
      id: `rahasia: isian ${JSON.stringify(unknown[0])} tidak dikenal; seharusnya ${names.join(', ')}`,
    });
  if (entries.length === 0)
    throw new CommandError({
      en: `the secrets: none; expected a JSON object with ${names.join(', ')}`,
      id: `rahasia: tidak ada; seharusnya objek JSON dengan ${names.join(', ')}`,
    });
  for (const [name, value] of entries) {
    if (typeof value !== 'string' || !/^[\x21-\x7e]{4,500}$/.test(value))
      throw new CommandError({
        en: `the secrets: ${name} must be 4 to 500 characters without white space`,
        id: `rahasia: ${name} harus 4 sampai 500 karakter tanpa spasi`,
      });
  }
  return Object.fromEntries(entries) as AccountSecrets;
}

/** The names of the secrets that an account of this provider has. */
export function secretNamesOf(provider: string): string[] {
  const { secretKey, webhookSecret } = providerKind(provider).secretNames;
  return [...new Set([secretKey, webhookSecret])];
}

function parse(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // The parser's message quotes the text, which is a secret.
  }
  throw new CommandError({ en: 'the secrets: expected one JSON object with the secrets', id: 'rahasia: seharusnya satu objek JSON' });
}
