/** How long a proof may still take. The time in which a person answers a question does not count. */
export interface TimeBudget {
  leftMs(): number;
  /** Aborts a call to the provider that takes too long, or that is still running when no time is left. */
  callSignal(): AbortSignal;
  /** Waits for a person. */
  pausedFor<Answer>(answer: Promise<Answer>): Promise<Answer>;
}

const callMs = 12_000; // above the time limits of the provider's adapter, which normally end a call

export function startTimeBudget(limitMs: number): TimeBudget {
  let endsAt = performance.now() + limitMs;
  const leftMs = () => Math.max(0, endsAt - performance.now());
  return {
    leftMs,
    callSignal: () => AbortSignal.timeout(Math.min(callMs, Math.ceil(leftMs()))),
    pausedFor: async (answer) => {
      const askedAt = performance.now();
      try {
        return await answer;
      } finally {
        endsAt += performance.now() - askedAt;
      }
    },
  };
}
