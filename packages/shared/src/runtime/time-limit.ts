/**
 * Runs a call with a signal that aborts after this time, or when `outer` does. Nothing is left of it when the call has ended: the timer of
 * `AbortSignal.timeout` cannot be cleared, and makes an error with a stack seconds after each call that was answered in time.
 */
export async function withTimeLimit<T>(ms: number, call: (signal: AbortSignal) => Promise<T>, outer?: AbortSignal): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new DOMException('the time limit is reached', 'TimeoutError')), ms);
  const abort = () => limit.abort(outer?.reason);
  if (outer?.aborted) abort();
  else outer?.addEventListener('abort', abort, { once: true });
  try {
    return await call(limit.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', abort);
  }
}
