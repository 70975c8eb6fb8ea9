import type { HttpResponse } from './http-call.ts';

export type JsonObject = Record<string, unknown>;

/** The JSON object in these bytes; null for anything else, such as the HTML of a proxy, half an answer, an array or a single word. */
export function jsonObject(bytes: Buffer): JsonObject | null {
  try {
    // The parser's error quotes the text, so it is dropped.
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const maxRetryAfterMs = 10 * 60_000; // one odd header must not stop the calls to an account for a day

/**
 * How long the first of these headers asks us to wait, as milliseconds and at most ten minutes; null when none does. It is a number of
 * seconds, or a date, which is compared with the `Date` of the response: the server's clock may differ from ours.
 * Source: RFC 9110, 10.2.3, "Retry-After".
 */
export function retryAfterMs({ headers }: Pick<HttpResponse, 'headers'>, ...names: string[]): number | null {
  for (const name of names) {
    const seconds = secondsIn(headers[name], headers.date);
    if (seconds !== null) return Math.min(Math.max(Math.ceil(seconds * 1000), 0), maxRetryAfterMs);
  }
  return null;
}

function secondsIn(header: unknown, date: unknown): number | null {
  if (typeof header !== 'string') return null;
  if (/^\d{1,9}(\.\d{1,9})?$/.test(header)) return Number(header);
  if (!/^[A-Z][a-z]{2,8}, /.test(header) || typeof date !== 'string') return null;
  const seconds = (Date.parse(header) - Date.parse(date)) / 1000;
  return Number.isFinite(seconds) ? seconds : null;
}

/** Basic authentication with the secret as user name and no password; null for a secret that no provider accepts. */
export function basicAuthorization(secret: string): string | null {
  // The official SDKs refuse an empty key, and one with white space, before they send anything (docs/providers.md 2.1).
  return secret === '' || /\s/.test(secret) ? null : `Basic ${Buffer.from(`${secret}:`).toString('base64')}`;
}
