import type { CallRecord, Charge, ProviderName } from './charge.ts';

/** A charge that is polled for days is asked thousands of times; its own list keeps the newest of them. */
const callsPerCharge = 200;

export interface CallQuery {
  since?: number | undefined;
  provider?: string | undefined;
  operation?: string | undefined;
  reference?: string | undefined;
  limit?: number | undefined;
}

/** Every call that reached a provider's API, those that came to nothing too. Bounded; the counts are not. */
export class CallLog {
  readonly #maxCalls: number;
  #calls: CallRecord[] = [];
  #counts = new Map<string, number>();
  #seq = 0;

  constructor(maxCalls: number) {
    this.#maxCalls = maxCalls;
  }

  get total(): number {
    return this.#seq;
  }

  /** Writes down a call the moment it is understood; how it ended is filled in later. */
  add(call: Omit<CallRecord, 'seq'>): CallRecord {
    const record = { seq: ++this.#seq, ...call };
    this.#calls.push(record);
    if (this.#calls.length >= 2 * this.#maxCalls) this.#calls = this.#calls.slice(-this.#maxCalls); // seldom, so it costs nothing per call
    const key = `${call.provider} ${call.operation}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return record;
  }

  /** Says which charge a call was about. */
  static attach(record: CallRecord, charge: Charge): void {
    record.reference = charge.reference;
    if (charge.calls.length >= callsPerCharge) charge.calls.shift();
    charge.calls.push(record);
  }

  /** Oldest first, those after `since` (a `seq`). With a limit, the newest that many. */
  list({ since = 0, provider, operation, reference, limit = this.#maxCalls }: CallQuery): CallRecord[] {
    return this.#calls
      .slice(-this.#maxCalls)
      .filter(
        (call) =>
          call.seq > since &&
          (provider === undefined || call.provider === provider) &&
          (operation === undefined || call.operation === operation) &&
          (reference === undefined || call.reference === reference),
      )
      .slice(-limit);
  }

  /** How many calls there were in all, by provider and operation. */
  counts(): Partial<Record<ProviderName, Record<string, number>>> {
    const counts: Partial<Record<ProviderName, Record<string, number>>> = {};
    for (const [key, count] of this.#counts) {
      const [provider, operation] = key.split(' ') as [ProviderName, string];
      counts[provider] = { ...counts[provider], [operation]: count };
    }
    return counts;
  }

  clear(): void {
    this.#calls = [];
    this.#counts.clear();
    this.#seq = 0;
  }
}
