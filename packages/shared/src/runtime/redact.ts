/**
 * Patterns of secrets and personal data, at any place of a text. Each repetition that may fail after it began is bounded, so that the time
 * grows with the length of the text only. A match that needs a certain end has at most `longestMatch` characters.
 */
const secretShapes: readonly [RegExp, string][] = [
  [
    /\b(authorization|x-callback-token|cookie|password|secret|signature_key|server_key)(["']?\s{0,9}[:=]\s{0,9}["']?)[^\s"',}]+(\s{1,9}[A-Za-z0-9+/=_-]{8,})?/gi,
    '$1$2[redacted]',
  ],
  [/\b(Basic|Bearer)\s{1,9}[A-Za-z0-9+/=._~-]{6,}/g, '$1 [redacted]'],
  [/\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,100}:[^\s@]{0,500}@/gi, '[redacted]@'], // user:password@ in a URL
  [/\b(SB-)?Mid-(server|client)-[A-Za-z0-9_-]+/g, '[redacted]'],
  [/\bxnd_[A-Za-z0-9_-]+/g, '[redacted]'],
  [/\bsk_[A-Za-z0-9_-]{6,}/g, '[redacted]'],
  [/\b000201\d{2}[ -~]{20,600}6304[0-9A-F]{4}/g, '[qr]'],
  [/[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,200}\b/g, '[email]'],
  [/(?<![\w.-])\+?62\d{8,12}(?![\w.-])/g, '[phone]'],
  [/([?&](?:sig|token)=)[^&\s]+/g, '$1[redacted]'],
];

/** A part of every text that a shape above matches. Most texts are ids and constant messages, and have none of them. */
const mayHoldSecret = /[@:=]|Basic|Bearer|Mid-|xnd_|sk_|000201|62\d{8}/;

const maxRead = 2_000; // characters: a longer text is cut before it is searched
const maxShown = 500;
const longestMatch = 1_000;

/**
 * The text without what looks like a secret or personal data, cut after 500 characters. Of a text that was cut before the search, the last
 * thousand characters are not shown: a secret that begins there may have lost the end by which it is known.
 */
export function redact(text: string): string {
  const isCut = text.length > maxRead;
  let clean = isCut ? text.slice(0, maxRead) : text;
  if (mayHoldSecret.test(clean)) for (const [shape, replacement] of secretShapes) clean = clean.replace(shape, replacement);
  const shown = isCut ? Math.min(maxShown, Math.max(0, clean.length - longestMatch)) : maxShown;
  return clean.length > shown ? `${clean.slice(0, shown)}…` : clean;
}
