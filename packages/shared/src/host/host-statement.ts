import { StatementError } from './host-error.ts';
import { type Place, placeOf } from './host-problem.ts';
import { isParameter, type ParameterName, parametersOf, type StatementName, typeOf } from './statements/statement-parameters.ts';
import { scan, type Token } from './statements/statement-scanner.ts';

/** One statement of a host, with its parameters replaced. */
export interface HostStatement {
  name: StatementName;
  /** The file, for messages: `pos/paid.sql`. */
  file: string;
  /** The text of the file. */
  source: string;
  /** The text that is sent: each `:name` became `$n::type`. */
  text: string;
  /** The parameters in the order of `$1`, `$2` … */
  parameters: readonly ParameterName[];
  /** The text with its parameters numbered from `$first` on, as a part of a larger statement. */
  textFrom(first: number): string;
  /** The place in the file for a position that PostgreSQL reports: from 1, in characters of `text`. */
  placeAt(position: number): Place;
}

/**
 * Reads one statement of a host.
 * @throws StatementError for no statement or several, a `$1`, an unknown parameter or one that this file may not use, an unclosed quote or comment
 */
export function readStatement(name: StatementName, file: string, source: string): HostStatement {
  const tokens = scan(source);
  requireOneStatement(source, tokens);
  const { text, names, pieces } = render(name, source, tokens);
  return {
    name,
    file,
    source,
    text,
    parameters: names,
    textFrom: (first) => render(name, source, tokens, first).text,
    placeAt: (position) => placeOf(source, sourceOffset(text, pieces, position)),
  };
}

function requireOneStatement(source: string, tokens: readonly Token[]): void {
  const zero = source.indexOf('\0');
  if (zero >= 0) throw new StatementError(zero, 'a zero byte cannot be sent to PostgreSQL');
  const significant = tokens.filter(isSignificant);
  const end = significant.findIndex(({ kind }) => kind === 'semicolon');
  if (significant.length === 0 || end === 0) throw new StatementError(0, 'the file has no statement');
  const next = end < 0 ? undefined : significant[end + 1];
  if (next) throw new StatementError(next.start, 'a second statement begins here, and a file holds one', 'Join them with `with`');
}

/** Whether the token is part of the statement: neither space nor comment. */
export const isSignificant = ({ kind }: Token): boolean => kind !== 'space' && kind !== 'comment';

/** A part of the source, and where its rendered text begins. */
interface Piece {
  from: number;
  renderedFrom: number;
  /** Copied unchanged, so each place within it is also a place in the source. */
  verbatim: boolean;
}

function render(statement: StatementName, source: string, tokens: readonly Token[], first = 1) {
  const names: ParameterName[] = [];
  const pieces: Piece[] = [];
  let text = '';
  let brackets = 0;
  for (const { kind, start, end } of tokens) {
    const tokenText = source.slice(start, end);
    if (tokenText === '[') brackets++;
    if (tokenText === ']') brackets--;
    if (kind === 'positional') throw new StatementError(start, `${tokenText} is not allowed`, 'Use parameters by name, like :order_key');
    const parameter = kind === 'parameter' ? parameterNamed(tokenText.slice(1), { statement, start, isInBrackets: brackets > 0 }) : null;
    pieces.push({ from: start, renderedFrom: text.length, verbatim: parameter === null });
    if (parameter) text += placeholder(parameter, { names, first, textBefore: text });
    else text += kind === 'semicolon' ? ' ' : tokenText;
  }
  return { text, names, pieces };
}

/** Null for the colon of an array slice, `a[1:n]`: in brackets, a name that is no parameter is copied unchanged. */
function parameterNamed(name: string, context: { statement: StatementName; start: number; isInBrackets: boolean }): ParameterName | null {
  if (!isParameter(name)) {
    if (context.isInBrackets) return null;
    const advice = 'For a plain colon, put a space after it';
    throw new StatementError(context.start, `unknown parameter :${name}`, advice);
  }
  const allowed = parametersOf(context.statement);
  if (allowed.includes(name)) return name;
  throw new StatementError(
    context.start,
    `:${name} is not available in ${context.statement}.sql`,
    `It may use ${allowed.map((each) => `:${each}`).join(' ')}`,
  );
}

/** Every use of one name gets the same number. */
function placeholder(
  name: ParameterName,
  { names, first, textBefore }: { names: ParameterName[]; first: number; textBefore: string },
): string {
  if (!names.includes(name)) names.push(name);
  const needsSpace = /[\w$\u0080-\uffff]$/.test(textBefore); // `then:amount` must not become the name `then$1`
  return `${needsSpace ? ' ' : ''}$${names.indexOf(name) + first}::${typeOf(name)}`;
}

function sourceOffset(text: string, pieces: readonly Piece[], position: number): number {
  const rendered = [...text].slice(0, Math.max(position - 1, 0)).join('').length; // PostgreSQL counts characters, JavaScript UTF-16 units
  const piece = pieces.findLast(({ renderedFrom }) => renderedFrom <= rendered);
  if (!piece) return 0;
  return piece.verbatim ? piece.from + (rendered - piece.renderedFrom) : piece.from;
}
