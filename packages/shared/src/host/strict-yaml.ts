import { basename } from 'node:path';
import { isMap, isPair, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { HostProblem, Place } from './host-problem.ts';

export interface StrictYaml<T> {
  value: T;
  /** The place of a key or of an entry of a list. */
  placeOf(path: readonly PropertyKey[]): Place;
}

/** Reads YAML. Returns the value, or every problem with its place. An unknown key is a problem, because it may be misspelt. */
export function readStrictYaml<T>(schema: z.ZodType<T>, file: string, text: string): StrictYaml<T> | { problems: HostProblem[] } {
  try {
    return parse(schema, file, text);
  } catch (error) {
    // Aliases that would multiply without end, or lists within lists that are deeper than the stack.
    return { problems: [{ file, line: null, column: null, message: `cannot be read as YAML: ${(error as Error).message}` }] };
  }
}

function parse<T>(schema: z.ZodType<T>, file: string, text: string): StrictYaml<T> | { problems: HostProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problemAt = (offset: number, message: string): HostProblem => ({ file, ...placeAt(offset), message });
  const syntaxErrors = [...document.errors, ...document.warnings].slice(0, 20); // one mistake may cause thousands
  if (syntaxErrors.length > 0) return { problems: syntaxErrors.map(({ pos, message }) => problemAt(pos[0], message)) };
  const content: unknown = document.toJS();
  const read = schema.safeParse(content);
  if (read.success) return { value: read.data, placeOf: (path) => placeAt(offsetOf(document.contents, path)) };
  return {
    problems: read.error.issues
      .flatMap((issue) => explain(issue, basename(file)))
      .map(({ path, message }) =>
        problemAt(offsetOf(document.contents, path), [path.join('.'), message + refused(content, path, message)].filter(Boolean).join(' ')),
      ),
  };
}

/** `, not "till"`: the value that a message refuses. A URL is left out, because it may hold a password. */
function refused(content: unknown, path: readonly PropertyKey[], message: string): string {
  const value = path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | null | undefined)?.[key], content);
  const isShown = /^must /.test(message) && ['string', 'number', 'boolean'].includes(typeof value) && !String(value).includes('://');
  return isShown ? `, not ${JSON.stringify(value).slice(0, 60)}` : '';
}

interface YamlIssue {
  path: PropertyKey[];
  message: string;
}

/** One issue per key. */
function explain(issue: z.core.$ZodIssue, file: string): YamlIssue[] {
  const path = [...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: `is not a key of ${file}` }));
    case 'invalid_type':
      return [{ path, message: issue.message.includes('received undefined') ? 'is missing' : issue.message }];
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, message }));
    default:
      return [{ path, message: issue.message }];
  }
}

/** The offset of a key, or of its nearest parent that exists. */
function offsetOf(contents: ParsedNode | null, path: readonly PropertyKey[]): number {
  let node: unknown = contents;
  let offset = contents?.range[0] ?? 0;
  for (const step of path) {
    if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = (node as ParsedNode | undefined)?.range?.[0] ?? offset;
      continue;
    }
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === step);
    if (!pair || !isScalar(pair.key)) break;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}
