import type { IncomingHttpHeaders } from 'node:http';
import type { Charge, Operation } from './charge.ts';
import type { FaultRule } from './faults.ts';

/** One call, read and authenticated. */
export interface ProviderCall<Account> {
  account: Account;
  /** What the route's pattern caught, decoded. */
  params: readonly string[];
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** The body as it came; empty when there was none. */
  text: string;
  /** What is to go wrong with the content of the answer; faults of the transport are seen to by the endpoint. */
  fault: FaultRule | null;
  /** The real time that a status answer is true at: now, or a while ago (`lag`). */
  asOf: number;
  /** Where the caller reached us, for links: `http://127.0.0.1:3010/midtrans`. */
  baseUrl: string;
}

/** What of a call tells what it is about. */
export type CallInput<Account> = Pick<ProviderCall<Account>, 'params' | 'query' | 'text'> & { account: Account | null };

/** What a call is about, for the ledger: an existing charge, or only a name. */
export interface Subject {
  charge?: Charge | undefined;
  reference: string | null;
}

/** What a provider says to one call. */
export interface FakeResponse {
  status: number;
  body: string | Buffer;
  type: 'application/json' | 'image/png' | 'text/html';
  headers?: Record<string, string>;
  /** The provider's own code for it, for the ledger. */
  outcome: string;
  /** The charge it is about, when there is one. */
  charge?: Charge | undefined;
  /** Called once the provider is through with the call, also when its answer is never heard. */
  onFinished?: () => void;
}

export interface Route<Account> {
  method: 'GET' | 'POST';
  path: RegExp;
  operation: Operation;
  /** Answered without a key: pictures for an `<img>`. */
  isPublic?: boolean;
  handle(call: ProviderCall<Account>): FakeResponse;
}

/** What an endpoint needs of a provider. */
export interface ProviderApi<Account extends { id: string }> {
  routes: readonly Route<Account>[];
  identify(authorization: string | undefined): Account | null;
  /** What a call is about, found without carrying it out. */
  subjectOf(call: CallInput<Account>, operation: Operation): Subject;
  refusals: {
    unauthorized(): FakeResponse;
    unknownPath(): FakeResponse;
    wrongMethod(): FakeResponse;
    tooLarge(): FakeResponse;
    serverError(): FakeResponse;
    rateLimited(retryAfterMs: number): FakeResponse;
    /** A clear no, in the words fit for the operation; null when the route's handler says it itself. */
    rejected(operation: Operation, path: string): FakeResponse | null;
    /** Said after the effect: an earlier call of the same name was carried out. */
    duplicate(operation: Operation): FakeResponse;
  };
}

/** An answer as both providers write it, serialised once. */
export function jsonResponse(status: number, body: object, outcome: string, charge?: Charge): FakeResponse {
  return { status, body: JSON.stringify(body), type: 'application/json', outcome, charge };
}
