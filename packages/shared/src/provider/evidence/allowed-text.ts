import { redact } from '../../runtime/index.ts';
import type { AllowedFields } from './evidence-rules.ts';

const hidden = '[hidden]';
const longestText = 200_000; // characters: a longer message is hidden as a whole, so that no message costs much

/**
 * A JSON text as it was received, character by character, with `[hidden]` in place of every value that may not be shown. `true`, `false` and
 * `null` stay. A name of a field is text of the sender, too: it stays when it looks like one. What is no JSON is hidden as a whole.
 */
export function allowedText(text: string, allowed: AllowedFields): string {
  if (text === '') return '';
  if (!isJson(text)) return `${hidden} (${text.length} characters, not JSON)`;
  let result = '';
  let context: Context = { fields: '', isObject: false, above: null };
  let field = ''; // the path of the value that comes next
  let expectsName = false;
  for (const piece of text.match(token) ?? []) {
    if (piece === '{' || piece === '[') {
      context = { fields: field, isObject: piece === '{', above: context };
      expectsName = context.isObject;
    } else if (piece === '}' || piece === ']') {
      context = context.above ?? context;
      expectsName = false;
    } else if (piece === ',') {
      expectsName = context.isObject;
      field = context.fields;
    } else if (piece !== ':' && !isBlank(piece)) {
      result += expectsName ? allowedName(piece) : allowedValue(piece, allowed.has(field));
      if (expectsName) field = context.fields === '' ? unquoted(piece) : `${context.fields}.${unquoted(piece)}`;
      expectsName = false;
      continue;
    }
    result += piece;
  }
  return result;
}

/** The object or list around a value. The values of a list have the path of the list. */
interface Context {
  fields: string;
  isObject: boolean;
  above: Context | null;
}

// Blanks, punctuation, a string, or a number or word. The text is JSON, so one of them matches at every place.
const token = /\s+|[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}[\],:"]+/g;

const isBlank = (piece: string): boolean => /^\s/.test(piece);

function isJson(text: string): boolean {
  if (text.length > longestText) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // the error quotes the text, so it is dropped
  }
}

const unquoted = (piece: string): string => (piece.includes('\\') ? (JSON.parse(piece) as string) : piece.slice(1, -1));

const allowedName = (piece: string): string => (/^"[a-z][a-z0-9_]{0,39}"$/.test(piece) && !/\d{4}/.test(piece) ? piece : `"${hidden}"`);

function allowedValue(piece: string, isAllowed: boolean): string {
  if (piece === 'true' || piece === 'false' || piece === 'null') return piece;
  if (!isAllowed) return `"${hidden}"`;
  if (!piece.startsWith('"')) return piece;
  const text = unquoted(piece);
  const clean = redact(text);
  return clean === text ? piece : JSON.stringify(clean);
}
