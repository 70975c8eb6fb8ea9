import type { CallRecord, Charge, ProviderName } from './charge.ts';

/** How many calls a charge keeps in its own list. A charge that is polled for days gets thousands; the newest are kept. */
const callsPerCharge = 200;

export interface CallQuery {
  since?: number | undefined;
  provider?: string | undefined;
  operation?: string | undefined;
  reference?: string | undefined;
  limit?: number | undefined;
}

/** Every call that reached a provider's API, failed calls included. Keeps the newest `maxCalls` calls; `counts` and `total` cover all of them. */
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

  /** Records a call as soon as its route is known. The caller fills in the outcome later. */
  add(call: Omit<CallRecord, 'seq'>): CallRecord {
    const record = { seq: ++this.#seq, ...call };
    this.#calls.push(record);
    // Trimmed only at twice the limit: copying the list for every call would be slow.
    if (this.#calls.length >= 2 * this.#maxCalls) this.#calls = this.#calls.slice(-this.#maxCalls);
    const key = `${call.provider} ${call.operation}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    return record;
  }

  /** Records which charge a call was about, in the call and in the charge. */
  static attach(record: CallRecord, charge: Charge): void {
    record.reference = charge.reference;
    if (charge.calls.length >= callsPerCharge) charge.calls.shift();
    charge.calls.push(record);
  }

  /** Oldest first. `since` is a `seq`: only later calls are listed. `limit` keeps the newest ones. */
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

  /** The number of all calls since the start or the last `clear`, by provider and operation. */
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
