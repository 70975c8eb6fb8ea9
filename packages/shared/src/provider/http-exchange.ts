import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import type { Logger } from '../runtime/index.ts';
import { type CallLimits, HttpCall, type HttpResponse } from './http-call.ts';
import { ProviderOutcomeUnknown, ProviderUnavailable } from './provider-error.ts';
import type { ProviderAccount } from './qris-provider.ts';

/** One call as it goes out. `operation`, `route` and `reference` are what the log line shows: no ids, queries, headers or bodies. */
export interface Call {
  operation: string;
  method: 'GET' | 'POST';
  /** The shape of the path, for the log: `/v2/{id}/status`. */
  route: string;
  /** Below the account's base URL, every part of it already encoded. */
  path: string;
  headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: unknown;
  reference: string;
  limits: CallLimits;
}

// A till waits. A provider that cannot be reached is known within two seconds; an answer to a create is worth ten, and the
// other provider is asked long before that (providers.md 6). Money going back has no till waiting.
const connectMs = 2_000;
export const operationLimits = {
  create: { connectMs, totalMs: 10_000 },
  find: { connectMs, totalMs: 8_000 },
  cancel: { connectMs, totalMs: 10_000 },
  refund: { connectMs, totalMs: 15_000 },
} satisfies Record<string, CallLimits>;

/**
 * Speaks HTTP with one account's host: keep-alive connections, no redirects, no retries, one log line a call.
 *
 * Its worth is in how it fails. Bytes that never left are ProviderUnavailable; once the first byte is handed to a socket,
 * anything short of a whole answer is ProviderOutcomeUnknown, because nobody can tell how far it got (providers.md 6, F1 to F5).
 */
export class HttpExchange {
  readonly #pool: Pool;
  readonly #prefix: string;
  readonly #account: Pick<ProviderAccount, 'provider' | 'id'>;
  readonly #log: Logger;
  readonly #inFlight = new Set<Promise<HttpResponse>>();
  #isClosed = false;

  constructor(account: Pick<ProviderAccount, 'provider' | 'id' | 'baseUrl'>, log: Logger) {
    const base = new URL(account.baseUrl);
    this.#prefix = base.pathname.replace(/\/+$/, '');
    this.#account = account;
    this.#log = log;
    this.#pool = new Pool(base.origin, {
      // HTTP/2 would put many calls on one connection, and one reset would leave all of them unknown.
      allowH2: false,
      pipelining: 1,
      connect: { timeout: connectMs },
      keepAliveTimeout: 4_000, // shorter than the usual 5 s of a server, so that we seldom write into a closing connection
      headersTimeout: 0, // ours count the whole call, to the millisecond
      bodyTimeout: 0,
    });
  }

  /** @throws ProviderUnavailable when the request was surely not sent, ProviderOutcomeUnknown when it was and no whole answer came. */
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

  /** Takes no more calls, waits for those in hand, each of which has a limit, and lets go of the connections. May run twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#inFlight);
    // `pool.close()` would wait for requests too that were given up while connecting.
    if (!this.#pool.destroyed) await this.#pool.destroy();
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
    if (this.#isClosed) return Promise.reject(new ProviderUnavailable('closed', 'not sent: this account’s connections are closed'));
    return new Promise((resolve, reject) => {
      const handler = new HttpCall(call.limits, signal, resolve, reject);
      if (handler.isSettled) return; // aborted before it began
      try {
        this.#pool.dispatch(
          {
            method: call.method,
            path: this.#prefix + call.path,
            headers: call.body === undefined ? call.headers : { ...call.headers, 'content-type': 'application/json' },
            body: call.body === undefined ? null : JSON.stringify(call.body),
          },
          handler,
        );
      } catch (cause) {
        handler.fail('unsendable', cause); // a header or path that HTTP forbids
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
