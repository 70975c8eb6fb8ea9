import { StatementError } from '../host-error.ts';

/**
 * `name` is an identifier or a keyword as written without quotes; `quoted` is a string of any kind, a quoted name or a dollar
 * quote; `positional` is `$1`. Together the tokens cover the text without a gap.
 */
export type TokenKind = 'space' | 'comment' | 'quoted' | 'name' | 'number' | 'parameter' | 'positional' | 'semicolon' | 'symbol';

export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
}

// The rules of PostgreSQL's scanner (src/backend/parser/scan.l): any character beyond ASCII may be part of a name.
const nameStart = 'A-Za-z_\\u0080-\\uffff';
const name = `[${nameStart}][${nameStart}0-9$]*`;
const shapes = {
  space: /[ \t\n\r\f\v]+/y,
  lineComment: /--[^\n\r]*/y,
  escapeString: /[eE]'/y,
  dollarQuote: new RegExp(`\\$(?:[${nameStart}][${nameStart}0-9]*)?\\$`, 'y'),
  name: new RegExp(name, 'y'),
  number: /[0-9]+/y,
  positional: /\$[0-9]+/y,
  parameter: new RegExp(`:${name}`, 'y'),
  twoColons: /::|:=/y,
  // Two strings with a line break between them are one string, in the mode of the first.
  continuation: /(?:[ \t\f\v]|--[^\n\r]*(?=[\n\r]))*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y,
};

/**
 * Splits SQL into tokens as PostgreSQL does, so that a `:name` in a string, a quoted name, a comment or a dollar quote is not a
 * parameter. Assumes that `standard_conforming_strings` is on, as every session of ours is started.
 * @throws StatementError for a string, a quoted name, a comment or a dollar quote that does not end
 */
export function scan(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let start = 0; start < sql.length; ) {
    const [kind, end] = tokenAt(sql, start);
    tokens.push({ kind, start, end });
    start = end;
  }
  return tokens;
}

function tokenAt(sql: string, at: number): [TokenKind, number] {
  const matched = (shape: RegExp): number => endOfMatch(shape, sql, at);
  switch (sql[at]) {
    case "'":
      return ['quoted', endOfQuotes(sql, at, "'")];
    case '"':
      return ['quoted', endOfQuotes(sql, at, '"')];
    case ';':
      return ['semicolon', at + 1];
    case '$':
      return matched(shapes.positional) ? ['positional', matched(shapes.positional)] : dollar(sql, at, matched(shapes.dollarQuote));
    case ':': // a cast is matched first: in `a:::b` the third colon begins the parameter
      if (matched(shapes.twoColons)) return ['symbol', at + 2];
      return matched(shapes.parameter) ? ['parameter', matched(shapes.parameter)] : ['symbol', at + 1];
    case '-':
      return matched(shapes.lineComment) ? ['comment', matched(shapes.lineComment)] : ['symbol', at + 1];
    case '/':
      return sql[at + 1] === '*' ? ['comment', endOfBlockComment(sql, at)] : ['symbol', at + 1];
    default:
      return wordAt(sql, at);
  }
}

function wordAt(sql: string, at: number): [TokenKind, number] {
  if (endOfMatch(shapes.escapeString, sql, at)) return ['quoted', endOfEscapeString(sql, at)];
  for (const kind of ['name', 'number', 'space'] as const) {
    const end = endOfMatch(shapes[kind], sql, at);
    if (end) return [kind, end];
  }
  return ['symbol', at + 1];
}

/** The end of the match; 0 when the shape does not match. */
function endOfMatch(shape: RegExp, sql: string, at: number): number {
  shape.lastIndex = at;
  return shape.test(sql) ? shape.lastIndex : 0;
}

/** The end of `'…'` or `"…"`, in which a quote is written twice. Also for `B''`, `N''` and `U&''`: their prefix is a name token. */
function endOfQuotes(sql: string, start: number, quote: "'" | '"'): number {
  for (let at = start + 1; ; at += 2) {
    at = sql.indexOf(quote, at);
    if (at < 0) throw new StatementError(start, quote === "'" ? 'a quoted text does not end' : 'a quoted name does not end');
    if (sql[at + 1] !== quote) return at + 1;
  }
}

/** The end of `E'…'`, in which a backslash escapes the next character. */
function endOfEscapeString(sql: string, start: number): number {
  for (let at = start + 2; at < sql.length; at++) {
    if (sql[at] === '\\') at++;
    else if (sql[at] === "'" && sql[at + 1] === "'") at++;
    else if (sql[at] === "'") {
      const continued = endOfMatch(shapes.continuation, sql, at + 1);
      if (!continued) return at + 1;
      at = continued - 1;
    }
  }
  throw new StatementError(start, 'a quoted text does not end');
}

function dollar(sql: string, start: number, bodyStart: number): [TokenKind, number] {
  if (!bodyStart) return ['symbol', start + 1];
  const tag = sql.slice(start, bodyStart);
  const close = sql.indexOf(tag, bodyStart);
  if (close < 0) throw new StatementError(start, `a text quoted by ${tag} does not end`);
  return ['quoted', close + tag.length];
}

/** The end of a block comment. Block comments nest. */
function endOfBlockComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    const two = sql.slice(at, at + 2);
    if (two === '/*') depth++;
    else if (two === '*/') depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  throw new StatementError(start, 'a comment does not end');
}
