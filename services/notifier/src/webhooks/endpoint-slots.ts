/** How many deliveries a process makes at the same time. One takes a connection and the bytes of one event, so memory is bounded, too. */
export interface SlotLimits {
  all: number;
  /** For one endpoint, so that a slow one leaves the other slots free. */
  endpoint: number;
  /** For an endpoint whose last deliveries all failed: it is only tried. */
  failingEndpoint: number;
}

export const defaultSlotLimits: SlotLimits = { all: 512, endpoint: 32, failingEndpoint: 4 };

const failingAfter = 3; // failures in a row: one or two happen at every deployment of a healthy endpoint

/** Counts the deliveries in flight, by endpoint. */
export interface EndpointSlots {
  readonly inFlight: number;
  /**
   * How many more deliveries each of these endpoints may start, `most` at most. Those with none are left out. The endpoint that got capacity
   * longest ago comes first.
   */
  capacity(endpointIds: Iterable<string>, most?: number): Map<string, number>;
  take(endpointId: string): void;
  free(endpointId: string): void;
  succeeded(endpointId: string): void;
  failed(endpointId: string): void;
}

interface Use {
  inFlight: number;
  failures: number;
  /** Counts up: when it last got capacity. */
  servedAs: number;
}

export function createEndpointSlots(limits: SlotLimits = defaultSlotLimits): EndpointSlots {
  const uses = new Map<string, Use>();
  let served = 0;
  const useOf = (id: string): Use => {
    const use = uses.get(id) ?? { inFlight: 0, failures: 0, servedAs: 0 };
    uses.set(id, use);
    return use;
  };
  const isFailing = ({ failures }: Use): boolean => failures >= failingAfter;
  const sum = (count: (use: Use) => number): number => [...uses.values()].reduce((total, use) => total + count(use), 0);
  return {
    get inFlight() {
      return sum(({ inFlight }) => inFlight);
    },
    capacity: (endpointIds, most = limits.endpoint) => {
      let left = limits.all - sum(({ inFlight }) => inFlight);
      // Half of the slots are never used by failing endpoints, however many hang at the same time.
      let leftForFailing = limits.all / 2 - sum((use) => (isFailing(use) ? use.inFlight : 0));
      const capacity = new Map<string, number>();
      const leastRecentFirst = [...endpointIds].map((id) => [id, useOf(id)] as const).sort(([, a], [, b]) => a.servedAs - b.servedAs);
      for (const [id, use] of leastRecentFirst) {
        const failing = isFailing(use);
        const own = (failing ? limits.failingEndpoint : limits.endpoint) - use.inFlight;
        const count = Math.min(most, own, left, failing ? leftForFailing : left);
        if (count <= 0) continue;
        capacity.set(id, count);
        use.servedAs = ++served;
        left -= count;
        if (failing) leftForFailing -= count;
      }
      return capacity;
    },
    take: (id) => {
      useOf(id).inFlight++;
    },
    free: (id) => {
      const use = useOf(id);
      use.inFlight--;
      if (use.inFlight === 0 && use.failures === 0) uses.delete(id);
    },
    succeeded: (id) => {
      useOf(id).failures = 0;
    },
    failed: (id) => {
      useOf(id).failures++;
    },
  };
}
