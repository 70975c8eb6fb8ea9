import type { Dispatcher } from 'undici';
import { abortReason, causeOf, reasonOf } from './http-failure.ts';
import { ProviderOutcomeUnknown, ProviderUnavailable } from './provider-error.ts';

/** Time limits of one call in milliseconds. `totalMs` counts from the start, connecting included. */
export interface CallLimits {
  connectMs: number;
  totalMs: number;
}

/** A complete response. Its status may be any: the adapter judges it. */
export interface HttpResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

export const maxBodyBytes = 1024 * 1024; // an answer of a provider has a few kilobytes; more is a fault, or an attack on our memory

/**
 * One HTTP call from start to end. undici calls `onRequestStart` with a connected socket, just before it writes the first byte: from
 * then on the call counts as sent.
 */
export class HttpCall implements Dispatcher.DispatchHandler {
  isSettled = false;
  #controller: Dispatcher.DispatchController | null = null; // set as soon as the request may have been sent
  #status = 0;
  #headers: HttpResponse['headers'] = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #signal: AbortSignal;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: Error) => void;
  readonly #connectTimer: NodeJS.Timeout;
  readonly #totalTimer: NodeJS.Timeout;
  readonly #onAbort = (): void => this.fail(abortReason(this.#signal), this.#signal.reason);

  constructor(limits: CallLimits, signal: AbortSignal, resolve: (response: HttpResponse) => void, reject: (error: Error) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#connectTimer = setTimeout(() => this.fail('connect_timeout'), limits.connectMs);
    this.#totalTimer = setTimeout(() => this.fail('timeout'), limits.totalMs);
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The call was given up while it waited for a connection, and its error says "not sent": it must not be sent now.
    if (this.isSettled) {
      controller.abort(new Error('aborted before it was sent'));
      return;
    }
    this.#controller = controller;
    clearTimeout(this.#connectTimer);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HttpResponse['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isSettled) return;
    this.#bytes += chunk.length;
    if (this.#bytes > maxBodyBytes) this.fail('oversized');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    this.#resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(reasonOf(error, this.#controller ? 'sent' : 'not_sent'), error);
  }

  fail(reason: string, cause?: unknown): void {
    if (!this.#settle()) return;
    const options = cause === undefined ? {} : { cause: causeOf(cause) };
    this.#reject(
      this.#controller
        ? new ProviderOutcomeUnknown(reason, `sent, no complete response: ${reason}`, options)
        : new ProviderUnavailable(reason, `not sent: ${reason}`, options),
    );
    this.#controller?.abort(new Error(reason)); // closes the connection: a late response must not be read as the response to the next call
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#totalTimer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    return true;
  }
}
