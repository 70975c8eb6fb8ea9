/** Browsers open six connections to one server, for all pages together. A stream keeps one for good, and some must be left to ask with. */
const lines = 4;

type Release = () => void;

/**
 * Takes one of the streams that this browser may keep open, so that a screen too many says so and does not hang without a word.
 * `onWait` is called when all are taken; the promise resolves when a page has given one back.
 */
export async function takeLine(onWait: () => void): Promise<Release> {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return () => {}; // only where the address is neither https nor this machine
  const names = Array.from({ length: lines }, (_, n) => `line ${n + 1}`);
  for (const name of names) {
    const release = await hold(locks, name, { ifAvailable: true });
    if (release) return release;
  }
  onWait();
  const giveUp = new AbortController();
  const release = await Promise.race(names.map((name) => hold(locks, name, { signal: giveUp.signal })));
  giveUp.abort();
  return release ?? takeLine(onWait);
}

/** Null when it was not to be had, or not wanted any more. */
function hold(locks: LockManager, name: string, options: LockOptions): Promise<Release | null> {
  return new Promise((held) => {
    const keep = (lock: Lock | null) =>
      new Promise<void>((release) => {
        held(lock && release);
        if (!lock || options.signal?.aborted) release();
      });
    locks.request(name, options, keep).catch(() => held(null));
  });
}
