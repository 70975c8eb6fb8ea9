/** How a request that failed is repeated. */
export interface RetryOptions {
  /** Attempts in all. 1: never repeat. */
  tries: number;
  /** The longest first delay, milliseconds. It doubles, and a random part of it is taken, so that many clients do not come back at once. */
  firstDelayMs: number;
}

const worthRepeating = new Set([429, 502, 503, 504]);
const longestDelayMs = 30_000;

/**
 * Repeats what is safe: reads, deletions, and requests with an `Idempotency-Key`, after a lost connection or one of 429, 502, 503, 504.
 * `Retry-After` is obeyed, up to 30 s.
 */
export function retryingFetch(fetchOnce: typeof fetch, { tries, firstDelayMs }: RetryOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const isSafe = /^(GET|HEAD|DELETE)$/.test(request.method) || request.headers.has('idempotency-key');
    for (let count = 1; ; count++) {
      const isLast = !isSafe || count >= tries;
      const delayMs = Math.random() * Math.min(firstDelayMs * 2 ** (count - 1), longestDelayMs);
      try {
        const response = await fetchOnce(isLast ? request : request.clone());
        if (isLast || !worthRepeating.has(response.status)) return response;
        await response.body?.cancel();
        await wait(Math.max(delayMs, retryAfterMs(response)), request.signal);
      } catch (error) {
        if (isLast || request.signal.aborted) throw error;
        await wait(delayMs, request.signal);
      }
    }
  };
}

const retryAfterMs = (response: Response): number =>
  Math.min(Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0, longestDelayMs);

/** @throws the reason of the signal when it is aborted */
export function wait(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
