import { type HostStatement, isSignificant, readStatement } from '../host-statement.ts';
import { scan, type Token } from './statement-scanner.ts';

const lockStrengths = [['update'], ['no', 'key', 'update'], ['share'], ['key', 'share']];

/**
 * The same statement without its `for update …`, for reads that must not make the till wait. The clause is replaced by spaces, so
 * places in the file do not move. The start-up check proves that the statement then locks nothing.
 */
export function withoutLock(statement: HostStatement): HostStatement {
  const words = scan(statement.source).filter(isSignificant);
  let source = statement.source;
  for (let i = 0; i < words.length; i++) {
    const length = lengthOfLock(statement.source, words.slice(i));
    if (length > 0) source = blank(source, words[i] as Token, words[i + length - 1] as Token);
  }
  return readStatement(statement.name, statement.file, source);
}

/** The number of tokens of the locking clause that begins at the first token; 0 when none begins there. */
function lengthOfLock(source: string, tokens: readonly Token[]): number {
  const word = (at: number): string => {
    const token = tokens[at];
    return token ? source.slice(token.start, token.end).toLowerCase() : '';
  };
  const matches = (at: number, words: readonly string[]): boolean => words.every((each, i) => word(at + i) === each);
  if (word(0) !== 'for') return 0;
  const strength = lockStrengths.find((words) => matches(1, words));
  if (!strength) return 0;
  let length = 1 + strength.length;
  if (word(length) === 'of') {
    length += 2; // `of` and the first name; each further part is a dot or a comma, and a name
    while (word(length) === '.' || word(length) === ',') length += 2;
  }
  if (word(length) === 'nowait') return length + 1;
  return matches(length, ['skip', 'locked']) ? length + 2 : length;
}

function blank(source: string, first: Token, last: Token): string {
  const clause = source.slice(first.start, last.end);
  return source.slice(0, first.start) + clause.replace(/[^\n\r]/g, ' ') + source.slice(last.end);
}
