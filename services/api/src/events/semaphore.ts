/** Runs at most `permits` pieces of work at the same time. The others wait, first come, first served. */
export function createSemaphore(permits: number): <T>(work: () => Promise<T>) => Promise<T> {
  let available = permits;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (available > 0) available -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift(); // the permit passes to the first one that waits, so that no newcomer overtakes it
      if (next) next();
      else available += 1;
    }
  };
}
