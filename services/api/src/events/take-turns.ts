/** At most `seats` pieces of work at a time; the rest wait, first come, first served. */
export function takeTurns(seats: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = seats;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((turn) => waiting.push(turn));
    try {
      return await work();
    } finally {
      const next = waiting.shift(); // the seat is handed on, so that nobody who comes just now takes it
      if (next) next();
      else free += 1;
    }
  };
}
