import { createHash } from 'node:crypto';
import type pg from 'pg';

/** SQL that becomes a part of a larger statement. */
export interface SqlPart {
  /** Names the text: two parts with one label have the same text. */
  label: string;
  /** The text, with its parameters numbered from `$first` on. */
  textFrom(first: number): string;
  values: readonly unknown[];
}

/** A part of ours. @param text trusted: every `$1` in it is a parameter */
export const sqlPart = (label: string, text: string, values: readonly unknown[] = []): SqlPart => ({
  label,
  textFrom: (first) => text.replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) + first - 1}`),
  values,
});

/** A statement of ours as a part of a larger one. */
export const partOf = ({ name, text, values = [] }: pg.QueryConfig): SqlPart => sqlPart(name as string, text, values);

const composed = new Map<string, { name: string; text: string }>(); // as many as there are combinations of statements in the code and the hosts
const maxComposed = 1_000; // a host whose folder is reloaded again and again leaves its old ones

/**
 * Joins parts into one statement with a name, so that a connection parses it once.
 * @param frame makes the text from the texts of the parts, in their order. Called once for each combination of labels
 */
export function composeStatement(label: string, parts: readonly SqlPart[], frame: (texts: string[]) => string): pg.QueryConfig {
  const key = `${label} ${parts.map((part) => part.label).join(' ')}`;
  const { name, text } = composed.get(key) ?? add(key, label, textOf(parts, frame));
  return { name, text, values: parts.flatMap(({ values }) => values) };
}

function textOf(parts: readonly SqlPart[], frame: (texts: string[]) => string): string {
  let first = 1;
  const texts = parts.map((part) => {
    const text = part.textFrom(first);
    first += part.values.length;
    return text;
  });
  return frame(texts);
}

/** Twelve characters that stand for a text. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

function add(key: string, label: string, text: string): { name: string; text: string } {
  const statement = { name: `${label}:${hashOf(text)}`, text };
  if (composed.size >= maxComposed) composed.clear();
  composed.set(key, statement);
  return statement;
}
