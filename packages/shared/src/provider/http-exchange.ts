import { performance } from 'node:perf_hooks';
import type { Logger } from '../runtime/index.ts';
import { type Connections, createConnections } from './connections.ts';
import type { ProviderCall, RecordCall } from './evidence/call-evidence.ts';
import { type CallLimits, HttpCall, type HttpResponse } from './http-call.ts';
import { ProviderOutcomeUnknown, ProviderUnavailable } from './provider-error.ts';
import type { ProviderAccount } from './qris-provider.ts';

/** One call as it is sent. The log line has `operation`, `method`, `route` and `reference`, but no ids, queries, headers or bodies. */
export interface Call {
  operation: string;
  method: 'GET' | 'POST';
  /** The pattern of the path, for the log: `/v2/{id}/status`. */
  route: string;
  /** The path below the account's base URL. Each part is percent-encoded already. */
  path: string;
  headers: Readonly<Record<string, string>>;
  /** Sent as JSON; absent: no body. */
  body?: unknown;
  reference: string;
  limits: CallLimits;
}

/**
 * A till waits for a create: connecting fails after 2 s, and the next provider is asked long before the 10 s of a create are over
 * (docs/providers.md 6). No till waits for a refund.
 */
const connectMs = 2_000;
export const operationLimits = {
  create: { connectMs, totalMs: 10_000 },
  find: { connectMs, totalMs: 8_000 },
  cancel: { connectMs, totalMs: 10_000 },
  refund: { connectMs, totalMs: 15_000 },
} satisfies Record<string, CallLimits>;

/** `connections` is shared with other accounts; absent: connections of its own. */
export interface ExchangeTools {
  log: Logger;
  connections?: Connections;
  /** Absent: calls are not kept as evidence. */
  record?: RecordCall;
}

/** A response is read as it comes. Without this header a server or a proxy may compress it. */
const uncompressed = { 'accept-encoding': 'identity' };

/**
 * Calls the HTTP API of one account: connections that are kept, no redirects, no retries, one log line for each call.
 *
 * The error says whether the request was sent. Before its first byte is handed to a socket, a failure is ProviderUnavailable. After
 * that, anything but a complete response is ProviderOutcomeUnknown, because the provider may have carried it out
 * (docs/providers.md 6, F1 to F5).
 */
export class HttpExchange {
  readonly #connections: ReturnType<Connections['to']>;
  readonly #prefix: string;
  readonly #account: Pick<ProviderAccount, 'provider' | 'id'>;
  readonly #log: Logger;
  readonly #record: RecordCall;
  readonly #inFlight = new Set<Promise<HttpResponse>>();
  #closed: Promise<void> | null = null;

  constructor(
    account: Pick<ProviderAccount, 'provider' | 'id' | 'baseUrl'>,
    { log, connections = createConnections({ connectMs }), record = () => {} }: ExchangeTools,
  ) {
    const base = new URL(account.baseUrl);
    this.#prefix = base.pathname.replace(/\/{1,9}$/, '');
    this.#account = account;
    this.#log = log;
    this.#record = record;
    this.#connections = connections.to(base.origin);
  }

  /** @throws ProviderUnavailable when the request was certainly not sent; ProviderOutcomeUnknown when no complete response came */
  async send(call: Call, signal: AbortSignal): Promise<HttpResponse> {
    const started = performance.now();
    try {
      const response = await this.#track(this.#dispatch(call, signal));
      this.#report(call, started, response);
      return response;
    } catch (error) {
      this.#report(call, started, error);
      throw error;
    }
  }

  /** Takes no more calls, waits for those in flight (each has a time limit), and releases the connections. May run twice. */
  close(): Promise<void> {
    this.#closed ??= Promise.allSettled(this.#inFlight).then(() => this.#connections.release());
    return this.#closed;
  }

  async #track(response: Promise<HttpResponse>): Promise<HttpResponse> {
    this.#inFlight.add(response);
    try {
      return await response;
    } finally {
      this.#inFlight.delete(response);
    }
  }

  #dispatch(call: Call, signal: AbortSignal): Promise<HttpResponse> {
    if (this.#closed !== null) return Promise.reject(new ProviderUnavailable('closed', 'not sent: this account’s connections are closed'));
    return new Promise((resolve, reject) => {
      const handler = new HttpCall(call.limits, signal, resolve, reject);
      if (handler.isSettled) return; // the signal was aborted already
      try {
        this.#connections.pool.dispatch(
          {
            method: call.method,
            path: this.#prefix + call.path,
            headers: { ...call.headers, ...uncompressed, ...(call.body === undefined ? {} : { 'content-type': 'application/json' }) },
            body: call.body === undefined ? null : JSON.stringify(call.body),
          },
          handler,
        );
      } catch (cause) {
        handler.fail('unsendable', cause); // HTTP forbids a header or the path
      }
    });
  }

  /** Writes the log line, and passes the call on as evidence. */
  #report({ operation, method, route, reference, path, body }: Call, started: number, result: unknown): void {
    const { provider, id: account } = this.#account;
    const made = { operation, method, route, reference };
    const durationMs = Math.round(performance.now() - started);
    const fields = { provider, account, ...made, duration_ms: durationMs };
    const outcome = outcomeOf(result);
    if ('failure' in outcome) {
      const sent = result instanceof ProviderUnavailable ? 'not_sent' : 'no_answer';
      this.#log.warn({ ...fields, outcome: sent, reason: outcome.failure }, 'provider call failed');
    } else this.#log.info({ ...fields, outcome: 'answered', http_status: outcome.status }, 'provider call completed');
    this.#record({ provider, account, ...made, path, body, durationMs, outcome });
  }
}

/** @param result a response, or what a failed call has thrown */
function outcomeOf(result: unknown): ProviderCall['outcome'] {
  if (result instanceof ProviderUnavailable || result instanceof ProviderOutcomeUnknown) return { failure: result.reason };
  return result instanceof Error ? { failure: 'unexpected' } : (result as HttpResponse);
}
