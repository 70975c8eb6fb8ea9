/**
 * One line of text from outside: control characters and halves of a surrogate pair become a space, and blanks around it are removed.
 * PostgreSQL refuses a zero byte in any text (SQLSTATE 22021), and no screen shows the others.
 */
export function cleanLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
}

/** As `cleanLine`, but line breaks and tabs stay: for free text. */
export function cleanText(text: string): string {
  return text.replace(/[^\P{Cc}\n\r\t]+|\p{Cs}+/gu, ' ').trim();
}

/** False for a text with a control character or half of a surrogate pair. Blanks around it do not count. */
export const isCleanLine = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);

/** At most `length` UTF-16 units, never cut inside a character. */
export function cutText(text: string, length: number): string {
  const cut = text.slice(0, length);
  return cut.isWellFormed() ? cut : cut.slice(0, -1).toWellFormed();
}

const maxJsonDepth = 32; // deeper than any body that a schema of ours accepts

/** The JSON value with every text in it cleaned, names of fields too. Deeper than 32 levels it stays as it is: no schema accepts that. */
export function cleanJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null || depth > maxJsonDepth) return value;
  if (Array.isArray(value)) return value.map((each) => cleanJson(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [cleanLine(name), cleanJson(each, depth + 1)]));
}
