import path from 'node:path';

/**
 * Divides a source text into its comments, its strings and its code. Each of the three is as long as the text and blank where the
 * other two stand, so that an offset is on the same line in all of them. A document is one comment.
 */
export function sourceParts(file, text) {
  const kind = path.extname(file);
  if (kind === '.md' || kind === '.html') return assemble(text, [{ part: 'comments', start: 0, end: text.length }]);
  return assemble(text, kind in patterns ? piecesOf(text, patterns[kind]) : scriptPieces(text));
}

// What no group of a pattern matches is code.
const yaml = /(?<comments>(?<=^|\s)#[^\n]*)|(?<strings>'[^'\n]*'|"[^"\n]*")/gm;
const patterns = {
  '.sql': /(?<comments>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<strings>'(?:''|[^'])*')/g,
  '.css': /(?<comments>\/\*[\s\S]*?\*\/)|(?<strings>'[^'\n]*'|"[^"\n]*")/g,
  '.yml': yaml,
  '.yaml': yaml,
};

function piecesOf(text, pattern) {
  return [...text.matchAll(pattern)].map(({ 0: found, index, groups }) => ({
    part: groups.comments === undefined ? 'strings' : 'comments',
    start: index,
    end: index + found.length,
  }));
}

function assemble(text, pieces) {
  const blank = text.replace(/[^\n]/g, ' ');
  const parts = { comments: [], strings: [], code: [] };
  let done = 0;
  const add = (part, end) => {
    for (const name of Object.keys(parts)) parts[name].push((name === part ? text : blank).slice(done, end));
    done = end;
  };
  for (const { part, start, end } of pieces) {
    add('code', start);
    add(part, end);
  }
  add('code', text.length);
  return { comments: parts.comments.join(''), strings: parts.strings.join(''), code: parts.code.join('') };
}

const scriptToken =
  /(?<comments>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<strings>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?<word>[\w$#]+)|(?<space>\s+)|(?<sign>[\s\S])/y;
const templateText = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const wordsBeforeExpression = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'await',
  'yield',
  'void',
  'delete',
  'new',
  'do',
  'else',
  'throw',
]);

/** TypeScript and JavaScript: templates hold code again, and a slash begins a regular expression where no operand stands before it. */
function scriptPieces(text) {
  const pieces = [];
  const openBraces = []; // of the `${` of each template that is open, and of the blocks within
  let previous = '';
  let at = 0;

  const take = (pattern) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const readTemplate = () => {
    const start = at;
    take(templateText);
    if (at > start) pieces.push({ part: 'strings', start, end: at });
    if (text.startsWith('${', at)) {
      openBraces.push('${');
      at += 2;
      previous = '{';
    } else {
      at += 1;
      previous = '`';
    }
  };

  while (at < text.length) {
    const start = at;
    const { groups } = take(scriptToken);
    if (groups.comments || groups.strings) {
      pieces.push({ part: groups.comments ? 'comments' : 'strings', start, end: at });
      if (groups.strings) previous = '"';
    } else if (groups.word) {
      previous = groups.word;
    } else if (groups.sign) {
      readSign(groups.sign, start);
    }
  }
  return pieces;

  function readSign(sign, start) {
    const mayBeExpression = !/[\w$)\]"`]$/.test(previous) || wordsBeforeExpression.has(previous);
    previous = sign;
    if (sign === '{') openBraces.push('{');
    if (sign === '`' || (sign === '}' && openBraces.pop() === '${')) return readTemplate();
    if (sign !== '/' || !mayBeExpression) return;
    at = start;
    if (take(regularExpression)) pieces.push({ part: 'strings', start, end: at });
    else at = start + 1;
    previous = '"';
  }
}
