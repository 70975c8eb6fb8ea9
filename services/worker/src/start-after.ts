/**
 * Starts something when `ready` resolves. A worker takes no job before it has read the settings: without them it would accept late money
 * of a store that returns it, and ask a provider that an operator holds.
 * @returns `close` stops what was started; what has not started by then never does
 */
export function startAfter(ready: Promise<unknown>, start: () => { close(): Promise<unknown> }): { close(): Promise<void> } {
  let started: ReturnType<typeof start> | null = null;
  let isClosed = false;
  void ready.then(() => {
    if (!isClosed) started = start();
  });
  return {
    close: async () => {
      isClosed = true;
      await started?.close();
    },
  };
}
