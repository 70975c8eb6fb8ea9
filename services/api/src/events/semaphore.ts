/** At most `seats` pieces of work at a time; the rest wait, first come, first served. */
export function createSemaphore(permits: number): <T>(work: () => Promise<T>) => Promise<T> {
  let available = permits;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (available > 0) available -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift(); // the seat is handed on, so that nobody who comes just now takes it
      if (next) next();
      else available += 1;
    }
  };
}
