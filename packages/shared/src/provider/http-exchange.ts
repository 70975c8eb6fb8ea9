import { performance } from 'node:perf_hooks';
import type { Logger } from '../runtime/index.ts';
import { type Connections, createConnections } from './connections.ts';
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
  readonly #inFlight = new Set<Promise<HttpResponse>>();
  #closed: Promise<void> | null = null;

  /** @param connections shared with other accounts; absent: connections of its own */
  constructor(account: Pick<ProviderAccount, 'provider' | 'id' | 'baseUrl'>, log: Logger, connections = createConnections({ connectMs })) {
    const base = new URL(account.baseUrl);
    this.#prefix = base.pathname.replace(/\/{1,9}$/, '');
    this.#account = account;
    this.#log = log;
    this.#connections = connections.to(base.origin);
  }

  /** @throws ProviderUnavailable when the request was certainly not sent; ProviderOutcomeUnknown when no complete response came */
  async send(call: Call, signal: AbortSignal): Promise<HttpResponse> {
    const started = performance.now();
    try {
      const response = await this.#track(this.#dispatch(call, signal));
      this.#logLine(call, started, { outcome: 'answered', http_status: response.status });
      return response;
    } catch (error) {
      const isNotSent = error instanceof ProviderUnavailable;
      this.#logLine(call, started, {
        outcome: isNotSent ? 'not_sent' : 'no_answer',
        reason: isNotSent || error instanceof ProviderOutcomeUnknown ? error.reason : 'unexpected',
      });
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

  #logLine(call: Call, started: number, outcome: { outcome: string; http_status?: number; reason?: string }): void {
    const fields = {
      provider: this.#account.provider,
      account: this.#account.id,
      operation: call.operation,
      method: call.method,
      route: call.route,
      reference: call.reference,
      duration_ms: Math.round(performance.now() - started),
      ...outcome,
    };
    if (outcome.outcome === 'answered') this.#log.info(fields, 'provider call completed');
    else this.#log.warn(fields, 'provider call failed');
  }
}
