/**
 * The names that a script declares: variables, parameters, functions, types, members and keys, found without a parser of TypeScript. A name
 * that is only used is not among them, so that a library may use any word.
 *
 * @param code the code part of `sourceParts`
 * @returns `{ name, index, form }` with `form` 'function', 'key' or 'other'
 */
export function declaredNames(code) {
  const tokens = [...code.matchAll(/\.\.\.|=>|\?\.|[#@]?[A-Za-z_$][\w$]*|\d[\w.]*|[^\s\w]/g)].map(({ 0: text, index }) => ({
    text,
    index,
  }));
  const scan = { tokens, closing: matchingBrackets(tokens), textAt: (at) => tokens[at]?.text, names: new Map() };
  for (let at = 0; at < tokens.length; at++) readDeclaration(scan, at);
  return [...scan.names.values()];
}

function readDeclaration(scan, at) {
  const [before, text, after] = [scan.textAt(at - 1), scan.textAt(at), scan.textAt(at + 1)];
  if (['const', 'let', 'var'].includes(text)) declareVariable(scan, at + 1);
  else if (text === 'function') declare(scan, after === '*' ? at + 2 : at + 1, 'function');
  else if (['class', 'interface', 'enum'].includes(text)) declare(scan, at + 1, 'other');
  else if (text === 'type' && ['=', '<'].includes(scan.textAt(at + 2))) declare(scan, at + 1, 'other');
  else if (text === 'as' && isInImport(scan, at)) declare(scan, at + 1, 'other');
  else if (text === '(') declareParameters(scan, at);
  else if (after === '=>' && before !== '.') declare(scan, at, 'other');
  else if (startsMember(before)) declareMember(scan, at);
}

function declare({ tokens, names }, at, form) {
  const { text, index } = tokens[at] ?? {};
  if (isName(text)) names.set(index, { name: text, index, form });
}

function declareVariable(scan, at) {
  if (!isName(scan.textAt(at))) return declarePattern(scan, at);
  const isFunction = scan.textAt(at + 1) === '=' && isArrow(scan, at + 2);
  return declare(scan, at, isFunction ? 'function' : 'other');
}

/** The names in `{ a, b: c, d = 1 }` or `[a, b]`. The name after `...` is the language's own idiom. */
function declarePattern(scan, at) {
  for (let i = at + 1; i < (scan.closing.get(at) ?? at); i++) {
    const [before, after] = [scan.textAt(i - 1), scan.textAt(i + 1)];
    if (['{', ',', '[', ':'].includes(before) && [',', '}', ']', '='].includes(after)) declare(scan, i, 'other');
  }
}

/** Of an arrow function, a function or a method: what stands in brackets and is followed by `=>` or a body. */
function declareParameters(scan, at) {
  const end = scan.closing.get(at);
  if (end === undefined || !(isArrow(scan, at) || isFunctionWithBody(scan, at, end))) return;
  for (let i = at + 1; i < end; i++) {
    const [before, text, after] = [scan.textAt(i - 1), scan.textAt(i), scan.textAt(i + 1)];
    if (['(', ','].includes(before) && [',', ')', ':', '=', '?'].includes(after)) declare(scan, i, 'other');
    if (['{', '['].includes(text) && ['(', ','].includes(before)) {
      declarePattern(scan, i);
      i = scan.closing.get(i) ?? i;
    }
  }
}

function isFunctionWithBody({ textAt }, start, end) {
  return textAt(end + 1) === '{' && isName(textAt(start - 1));
}

/** `name =>`, `(…) =>`, `async (…) =>` or `(…): Type =>`. */
function isArrow({ textAt, closing }, at) {
  const start = textAt(at) === 'async' ? at + 1 : at;
  if (textAt(start + 1) === '=>') return true;
  if (textAt(start) !== '(' || !closing.has(start)) return false;
  const next = closing.get(start) + 1;
  if (textAt(next) !== ':') return textAt(next) === '=>';
  for (let i = next + 1; textAt(i) !== undefined && ![';', ',', ')', '}', '='].includes(textAt(i)); i = (closing.get(i) ?? i) + 1)
    if (textAt((closing.get(i) ?? i) + 1) === '=>') return true;
  return false;
}

/** A member of a class, an interface or an object; also a parameter with a type. */
function declareMember(scan, at) {
  const { textAt, closing } = scan;
  const next = ['?', '!'].includes(textAt(at + 1)) ? at + 2 : at + 1;
  const sign = textAt(next);
  const isField = textAt(at).startsWith('#') || modifiers.has(textAt(at - 1));
  if (sign === ':') declare(scan, at, isArrow(scan, next + 1) ? 'function' : 'key');
  else if (sign === '(' && ['{', ':'].includes(textAt((closing.get(next) ?? next) + 1))) declare(scan, at, 'function');
  else if (isField && ['=', ';'].includes(sign)) declare(scan, at, 'other');
}

function isInImport({ textAt }, at) {
  let i = at;
  while (i > 0 && textAt(i) !== ';' && textAt(i) !== 'import' && textAt(i) !== 'export') i--;
  return textAt(i) === 'import' || textAt(i) === 'export';
}

function matchingBrackets(tokens) {
  const pairs = { '(': ')', '[': ']', '{': '}' };
  const open = [];
  const closing = new Map();
  tokens.forEach(({ text }, at) => {
    if (text in pairs) open.push(at);
    else if (Object.values(pairs).includes(text) && open.length > 0) closing.set(open.pop(), at);
  });
  return closing;
}

const modifiers = new Set('readonly static private protected public override async get set abstract declare *'.split(' '));
const keywords = new Set(
  `if for while switch catch with return typeof case in of await yield void delete new do else throw const let var function class interface
  enum type import export from default extends implements as satisfies this super null true false undefined keyof infer`.split(/\s+/),
);

const isName = (text) => text !== undefined && /^#?[A-Za-z_$][\w$]*$/.test(text) && !keywords.has(text) && !modifiers.has(text);
const startsMember = (before) => before === undefined || ['{', '}', ',', ';', '(', '|', '&'].includes(before) || modifiers.has(before);
