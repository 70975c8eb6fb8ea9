import type { HttpResponse } from './http-call.ts';

export type JsonObject = Record<string, unknown>;

/** The JSON object in these bytes, or null: HTML of an edge proxy, half an answer, an array, a bare word. */
export function jsonObject(bytes: Buffer): JsonObject | null {
  try {
    // What the parser complains of quotes the text, so its error is not kept.
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const maxRetryAfterMs = 10 * 60_000; // a till cannot be told to stay away for a day by one odd header

/** A header that says how many seconds to stay away, with or without a fraction, as milliseconds; null when it does not. */
export function retryAfterMs(response: Pick<HttpResponse, 'headers'>, ...names: string[]): number | null {
  for (const name of names) {
    const header = response.headers[name];
    if (typeof header === 'string' && /^\d{1,9}(\.\d{1,9})?$/.test(header))
      return Math.min(Math.ceil(Number(header) * 1000), maxRetryAfterMs);
  }
  return null;
}

/** Basic authentication with a secret for a user and no password; null when no provider would take such a secret. */
export function basicAuthorization(secret: string): string | null {
  // Official SDKs refuse an empty key, or one with white space in it, before sending anything (providers.md 2.1).
  return secret === '' || /\s/.test(secret) ? null : `Basic ${Buffer.from(`${secret}:`).toString('base64')}`;
}
