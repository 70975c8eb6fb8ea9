import { randomUUID } from 'node:crypto';
import type { Charge } from '../charge.ts';
import { type FakeResponse, jsonResponse } from '../provider-call.ts';

/** A time as ISO 8601 in UTC. Source: providers.md 3.3. */
export const utcTime = (ms: number): string => new Date(ms).toISOString();

/** An id in Xendit's format: a prefix (`pr`, `py`, `rfd`) and a UUID. */
export const newId = (prefix: string): string => `${prefix}-${randomUUID()}`;

/** Every answer has a request id, which Xendit's support asks for. Source: providers.md 3.2. */
const withRequestId = (response: FakeResponse): FakeResponse => ({ ...response, headers: { 'request-id': randomUUID() } });

/** A successful answer of Xendit. */
export const xenditResponse = (status: number, body: object, charge?: Charge): FakeResponse =>
  withRequestId(jsonResponse(status, body, 'ok', charge));

/** An error answer of Xendit. Callers may act on `error_code`, never on the message. Source: providers.md 3.10. */
export function xenditError(status: number, errorCode: string, message: string, charge?: Charge, errors?: string[]): FakeResponse {
  const details = errors && errors.length > 0 ? { errors: errors.map((each) => ({ message: each })) } : {};
  return withRequestId(jsonResponse(status, { error_code: errorCode, message, ...details }, errorCode, charge));
}
