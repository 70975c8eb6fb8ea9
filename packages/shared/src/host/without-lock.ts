import { type HostStatement, isSignificant, readStatement } from './host-statement.ts';
import { scan, type Token } from './statement-scanner.ts';

const lockStrengths = [['update'], ['no', 'key', 'update'], ['share'], ['key', 'share']];

/**
 * The same statement without its `for update …`, for looks that must not hold up the till. Only the words of the clause become
 * spaces, so places in the file stay what they are; the start-up check proves that what is left returns the same columns and
 * locks nothing.
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

/** How many tokens the locking clause has that begins with the first of `tokens`: 0 when none does. */
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
    length += 2; // of, and the first name; each further part of the list is a dot or a comma, and a name
    while (word(length) === '.' || word(length) === ',') length += 2;
  }
  if (word(length) === 'nowait') return length + 1;
  return matches(length, ['skip', 'locked']) ? length + 2 : length;
}

function blank(source: string, first: Token, last: Token): string {
  const clause = source.slice(first.start, last.end);
  return source.slice(0, first.start) + clause.replace(/[^\n\r]/g, ' ') + source.slice(last.end);
}
