/** Patterns of secrets and personal data, at any place of a text. */
const secretShapes: readonly [RegExp, string][] = [
  [
    /\b(authorization|x-callback-token|cookie|password|secret|signature_key|server_key)(["']?\s*[:=]\s*["']?)[^\s"',}]+(\s+[A-Za-z0-9+/=_-]{8,})?/gi,
    '$1$2[redacted]',
  ],
  [/\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{6,}/g, '$1 [redacted]'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:[^\s@]*@/gi, '[redacted]@'], // user:password@ in a URL
  [/\b(SB-)?Mid-(server|client)-[A-Za-z0-9_-]+/g, '[redacted]'],
  [/\bxnd_[A-Za-z0-9_-]+/g, '[redacted]'],
  [/\bsk_[A-Za-z0-9_-]{6,}/g, '[redacted]'],
  [/\b000201\d{2}[ -~]{20,}6304[0-9A-F]{4}/g, '[qr]'],
  [/\b[\w.+-]+@[\w-]+\.[\w.-]+\b/g, '[email]'],
  [/(?<![\w.-])\+?62\d{8,12}(?![\w.-])/g, '[phone]'],
  [/([?&](?:sig|token)=)[^&\s]+/g, '$1[redacted]'],
];

/** The text without what looks like a secret or personal data, cut after 500 characters. */
export function redact(text: string): string {
  let clean = text;
  for (const [shape, replacement] of secretShapes) clean = clean.replace(shape, replacement);
  return clean.length > 500 ? `${clean.slice(0, 500)}…` : clean;
}
