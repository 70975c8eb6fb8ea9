/** Browsers open six connections to one server, for all pages together. A stream keeps one for good, and some must be left to ask with. */
const slots = 4;

type Release = () => void;

/**
 * Takes one of the streams that this browser may keep open, so that a screen too many says so and does not hang without a word.
 * `onWait` is called when all are taken; the promise resolves when a page has given one back.
 */
export async function acquireStreamSlot(onWait: () => void): Promise<Release> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return () => {}; // only where the address is neither https nor this machine
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

/** Null when it was not to be had, or not wanted any more. */
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
