import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../http/problem.ts';

/**
 * The token that every form carries. It follows from a random cookie that scripts and other sites cannot read, so that another site cannot
 * make a form with it. The cookie does not follow from the token.
 */
export const csrfTokenOf = (cookie: string): string => createHash('sha256').update(`csrf ${cookie}`).digest('base64url');

/** Whether the form has the token of this cookie. */
export function hasCsrfToken(body: unknown, cookie: string | null): boolean {
  if (cookie === null) return false;
  const sent = Buffer.from(String((body as { csrf?: unknown } | undefined)?.csrf ?? ''));
  const expected = Buffer.from(csrfTokenOf(cookie));
  return sent.length === expected.length && timingSafeEqual(sent, expected);
}

/** @throws Problem `forbidden` when the form has not the token of this cookie */
export function requireCsrfToken(body: unknown, cookie: string): void {
  if (!hasCsrfToken(body, cookie))
    throw new Problem('forbidden', 'This form is too old, or comes from elsewhere. Open the page again, then send it.');
}
