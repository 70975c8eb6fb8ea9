import type { EventEmitter } from 'node:events';
import { DatabaseClient } from './database-client.ts';

/** Replaces the characters that a database cannot store. */
type ReplaceUnstorable = (text: string) => string;

/**
 * A connection to a database of any encoding. Text from outside, such as an issuer or the reason of a refund, may have a character that
 * an old database does not have (SQLSTATE 22P05). It is stored as `?`, because the same statement would fail at every repeat, and the
 * money would never be recorded. A database in UTF8 stores every character, and nothing is looked at.
 */
export class AnyEncodingClient extends DatabaseClient {
  #replace: ReplaceUnstorable | null = null;

  constructor(config: ConstructorParameters<typeof DatabaseClient>[0]) {
    super(config);
    // The server reports its encoding before it accepts the first statement.
    const { connection } = this as unknown as { connection: EventEmitter };
    connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
      if (parameterName === 'server_encoding') this.#replace = replaceUnstorable(parameterValue ?? '');
    });
  }

  /** As the base class has it. `never` stands for the results of all its overloads: what it returns is returned. */
  override query(...args: unknown[]): never {
    const replace = this.#replace;
    return Reflect.apply(super.query, this, replace ? args.map((arg) => withStorableValues(arg, replace)) : args) as never;
  }
}

/** An argument of `query`: the values, or a config that holds them, or something without values. */
function withStorableValues(arg: unknown, replace: ReplaceUnstorable): unknown {
  if (Array.isArray(arg)) return storable(arg, replace);
  const values = (arg as { values?: unknown } | null)?.values;
  return Array.isArray(values) ? { ...(arg as object), values: storable(values, replace) } : arg;
}

const storable = (values: readonly unknown[], replace: ReplaceUnstorable): unknown[] =>
  values.map((value) => (typeof value === 'string' ? replace(value) : Array.isArray(value) ? storable(value, replace) : value));

// PostgreSQL's names of encodings with one byte a character, and the same ones for TextDecoder.
const singleByte: Readonly<Record<string, string>> = {
  ...Object.fromEntries([1, 2, 3, 4].map((n) => [`LATIN${n}`, `iso-8859-${n}`])),
  LATIN5: 'iso-8859-9',
  LATIN6: 'iso-8859-10',
  LATIN7: 'iso-8859-13',
  LATIN8: 'iso-8859-14',
  LATIN9: 'iso-8859-15',
  LATIN10: 'iso-8859-16',
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => [`WIN125${n}`, `windows-125${n}`])),
};

/** Null: the encoding has every character, or it is not one of those with one byte a character. */
export function replaceUnstorable(encoding: string): ReplaceUnstorable | null {
  const label = singleByte[encoding];
  if (!label) return null;
  // Browsers read the ISO encodings as Windows', so only the upper part of the table, which both have in common, is taken from those.
  const from = encoding.startsWith('LATIN') ? 0xa0 : 0x80;
  const bytes = Uint8Array.from({ length: 0x100 - from }, (_, index) => from + index);
  const known = new Set(new TextDecoder(label).decode(bytes));
  return (text) => text.replace(/[^\0-\x7f]/gu, (character) => (known.has(character) ? character : '?'));
}
