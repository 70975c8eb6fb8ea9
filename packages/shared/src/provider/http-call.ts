import type { Dispatcher } from 'undici';
import { abortReason, causeOf, reasonOf } from './http-failure.ts';
import { ProviderOutcomeUnknown, ProviderUnavailable } from './provider-error.ts';

/** How long a call may take. `totalMs` counts from the first moment, connecting included. */
export interface CallLimits {
  connectMs: number;
  totalMs: number;
}

/** Whatever the provider said, read to its end. Its status may be anything: what it means is the adapter's to judge. */
export interface HttpResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

export const maxBodyBytes = 1024 * 1024; // a provider's answer is a few kilobytes; more is a fault, or an attack on our memory

/** One call's life. undici calls `onRequestStart` on a connected socket, just before it writes the first byte: that is the line. */
export class HttpCall implements Dispatcher.DispatchHandler {
  isSettled = false;
  #controller: Dispatcher.DispatchController | null = null; // set: the request may be on its way
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
    // Given up while waiting for a connection: the caller was told "not sent", so it must not be sent now.
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
    this.#controller?.abort(new Error(reason)); // the connection goes too: an answer that comes later must not meet the next call
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
