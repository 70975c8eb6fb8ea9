/** A browser opens six connections to one server, for all pages together. A stream keeps one, so two stay free for requests. */
const slots = 4;

type Release = () => void;

/**
 * Takes one of the streams that this browser may keep open. Without this limit, one screen too many would wait without a message.
 * `onWait` is called when all are taken; the promise resolves when a page has released one.
 */
export async function acquireStreamSlot(onWait: () => void): Promise<Release> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return () => {}; // browsers have locks only on https and on this machine
  const names = Array.from({ length: slots }, (_, n) => `stream slot ${n + 1}`);
  for (const name of names) {
    const release = await requestLock(locks, name, { ifAvailable: true });
    if (release) return release;
  }
  onWait();
  const abortController = new AbortController();
  const release = await Promise.race(names.map((name) => requestLock(locks, name, { signal: abortController.signal })));
  abortController.abort();
  return release ?? acquireStreamSlot(onWait);
}

/** Null when the lock is taken, or the request was aborted. */
function requestLock(locks: LockManager, name: string, options: LockOptions): Promise<Release | null> {
  return new Promise((resolve) => {
    const holdLock = (lock: Lock | null) =>
      new Promise<void>((release) => {
        resolve(lock && release);
        if (!lock || options.signal?.aborted) release();
      });
    locks.request(name, options, holdLock).catch(() => resolve(null));
  });
}
