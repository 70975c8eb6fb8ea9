import type { IncomingHttpHeaders } from 'node:http';
import type { Charge, Operation } from './charge.ts';
import type { FaultRule } from './faults.ts';

/** One call, read and authenticated. */
export interface ProviderCall<Account> {
  account: Account;
  /** The groups of the route's pattern, URL-decoded. */
  params: readonly string[];
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The raw body; empty when there is none. */
  text: string;
  /** A fault that the answer's content must show. The endpoint itself applies the faults of the transport. */
  fault: FaultRule | null;
  /** Real time. A status answer shows the charge at this time: now, or earlier with the fault `lag`. */
  asOf: number;
  /** The base URL that the caller used, for links: `http://127.0.0.1:3010/midtrans`. */
  baseUrl: string;
}

/** The parts of a call that name its charge. */
export type CallInput<Account> = Pick<ProviderCall<Account>, 'params' | 'query' | 'text'> & { account: Account | null };

/** What a call is about, for the call log: an existing charge, or only a reference. */
export interface Subject {
  charge?: Charge | undefined;
  reference: string | null;
}

/** A provider's answer to one call. */
export interface FakeResponse {
  status: number;
  body: string | Buffer;
  type: 'application/json' | 'image/png' | 'text/html';
  headers?: Record<string, string>;
  /** The provider's own code for the answer, for the call log. */
  outcome: string;
  /** The charge that the answer is about, if there is one. */
  charge?: Charge | undefined;
  /** Called when the provider has finished the call, also when its answer never reaches the caller. */
  onFinished?: () => void;
}

/** One route of a provider's API. */
export interface Route<Account> {
  method: 'GET' | 'POST';
  path: RegExp;
  operation: Operation;
  /** Needs no key: QR pictures, which a browser loads in an `<img>`. */
  isPublic?: boolean;
  handle(call: ProviderCall<Account>): FakeResponse;
}

/** What the endpoint needs to serve one provider. */
export interface ProviderApi<Account extends { id: string }> {
  routes: readonly Route<Account>[];
  identify(authorization: string | undefined): Account | null;
  /** Finds what a call is about, without carrying the call out. */
  subjectOf(call: CallInput<Account>, operation: Operation): Subject;
  refusals: {
    unauthorized(): FakeResponse;
    unknownPath(): FakeResponse;
    wrongMethod(): FakeResponse;
    tooLarge(): FakeResponse;
    serverError(): FakeResponse;
    rateLimited(retryAfterMs: number): FakeResponse;
    /** A refusal of this operation; null when the route's handler makes it, as for `create`. */
    rejected(operation: Operation, path: string): FakeResponse | null;
    /** Reports a call that was carried out as a duplicate of an earlier one. */
    duplicate(operation: Operation): FakeResponse;
  };
}

/** A JSON answer, serialised once. */
export function jsonResponse(status: number, body: object, outcome: string, charge?: Charge): FakeResponse {
  return { status, body: JSON.stringify(body), type: 'application/json', outcome, charge };
}
