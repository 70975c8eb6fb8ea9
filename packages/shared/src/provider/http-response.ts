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

/** The first of these headers that states a number of seconds, as milliseconds and at most ten minutes; null when none does. */
export function retryAfterMs(response: Pick<HttpResponse, 'headers'>, ...names: string[]): number | null {
  for (const name of names) {
    const header = response.headers[name];
    if (typeof header === 'string' && /^\d{1,9}(\.\d{1,9})?$/.test(header))
      return Math.min(Math.ceil(Number(header) * 1000), maxRetryAfterMs);
  }
  return null;
}

/** Basic authentication with the secret as user name and no password; null for a secret that no provider accepts. */
export function basicAuthorization(secret: string): string | null {
  // The official SDKs refuse an empty key, and one with white space, before they send anything (docs/providers.md 2.1).
  return secret === '' || /\s/.test(secret) ? null : `Basic ${Buffer.from(`${secret}:`).toString('base64')}`;
}
