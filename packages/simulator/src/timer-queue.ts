/** An action, and the time at which it is due. */
export interface TimerEntry {
  readonly time: number;
  readonly act: () => void;
  isCancelled: boolean;
}

const minCancelledToCompact = 1_024;

/**
 * Entries by time; equal times in the order they were added. A binary heap, because every charge has an expiry timer and most
 * charges are paid long before it. Cancelled entries stay in the heap, and are removed together when they are the majority.
 */
export class TimerQueue {
  #heap: (TimerEntry & { order: number })[] = [];
  #order = 0;
  #cancelled = 0;

  get first(): TimerEntry | undefined {
    while (this.#heap[0]?.isCancelled) {
      this.#pop();
      this.#cancelled -= 1;
    }
    return this.#heap[0];
  }

  add(time: number, act: () => void): TimerEntry {
    const entry = { time, act, isCancelled: false, order: this.#order++ };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return entry;
  }

  takeFirst(): TimerEntry | undefined {
    const first = this.first;
    if (first) {
      this.#pop();
      first.isCancelled = true; // a later `cancel` of this entry then counts nothing
    }
    return first;
  }

  cancel(entry: TimerEntry): void {
    if (entry.isCancelled) return;
    entry.isCancelled = true;
    this.#cancelled += 1;
    if (this.#cancelled > minCancelledToCompact && this.#cancelled * 2 > this.#heap.length) this.#compact();
  }

  clear(): void {
    for (const entry of this.#heap) entry.isCancelled = true; // a later `cancel` of this entry then counts nothing
    this.#heap = [];
    this.#cancelled = 0;
  }

  #compact(): void {
    // A sorted array is a heap.
    this.#heap = this.#heap.filter((entry) => !entry.isCancelled).sort((a, b) => a.time - b.time || a.order - b.order);
    this.#cancelled = 0;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
  }

  #rise(start: number): void {
    let child = start;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #sink(start: number): void {
    let parent = start;
    for (;;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      let first = parent;
      if (left < this.#heap.length && this.#isBefore(left, first)) first = left;
      if (right < this.#heap.length && this.#isBefore(right, first)) first = right;
      if (first === parent) return;
      this.#swap(first, parent);
      parent = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (!one || !other) return false;
    return one.time < other.time || (one.time === other.time && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const one = this.#heap[a];
    const other = this.#heap[b];
    if (!one || !other) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}
