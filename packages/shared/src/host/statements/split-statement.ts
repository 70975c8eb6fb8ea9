import { isSignificant } from '../host-statement.ts';
import { scan, type Token } from './statement-scanner.ts';

/** A statement in two parts, so that it can become a step of a larger `with` query. */
export interface SplitStatement {
  isRecursive: boolean;
  /** The steps of its own `with`, without this word; empty when it has none. */
  steps: string;
  main: string;
}

const mainWords: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete']);

/**
 * Splits a statement into the steps of its `with` and its main part. PostgreSQL allows a step that writes only in the outermost `with`, so
 * the steps of a statement that becomes a step itself must stand beside it.
 * @returns a sentence that says why not: it cannot be a step, or its rows could not be counted
 */
export function splitStatement(sql: string): SplitStatement | string {
  const tokens = scan(sql).filter(isSignificant);
  const word = (at: number): string => wordOf(sql, tokens[at]);
  const hasWith = word(0) === 'with';
  const isRecursive = hasWith && word(1) === 'recursive';
  const start = hasWith ? mainAfterSteps(sql, tokens, isRecursive ? 2 : 1) : 0;
  const mainWord = word(start);
  const first = tokens[start];
  if (!first || !mainWords.has(mainWord)) return `its main part does not begin with ${[...mainWords].join(', ')}`;
  if (mainWord !== 'select' && !hasAtTopLevel(sql, tokens.slice(start), 'returning')) return 'its main part has no returning';
  const firstStep = tokens[isRecursive ? 2 : 1];
  const steps = hasWith && firstStep ? sql.slice(firstStep.start, first.start) : '';
  return { isRecursive, steps, main: sql.slice(first.start) };
}

const wordOf = (sql: string, token: Token | undefined): string => (token ? sql.slice(token.start, token.end).toLowerCase() : '');

/** The token with which the main part begins: the first one after a step's closing parenthesis that does not go on with the list. */
function mainAfterSteps(sql: string, tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from + 1; at < tokens.length; at++) {
    const text = wordOf(sql, tokens[at]);
    if (text === '(') depth++;
    else if (text === ')') depth--;
    else if (depth === 0 && text === ',')
      at++; // the name of the next step, which may be any word
    else if (depth === 0 && mainWords.has(text)) return at;
  }
  return tokens.length;
}

function hasAtTopLevel(sql: string, tokens: readonly Token[], wanted: string): boolean {
  let depth = 0;
  return tokens.some((token) => {
    const text = wordOf(sql, token);
    if (text === '(') depth++;
    if (text === ')') depth--;
    return depth === 0 && text === wanted;
  });
}
