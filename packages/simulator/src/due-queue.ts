/** One entry: what is to be done, and when. */
export interface Due {
  readonly time: number;
  readonly act: () => void;
  cancelled: boolean;
}

const tooFewToCompact = 1_024;

/**
 * What is to be done next, by time; equals in the order they came. A binary heap, because every charge has an expiry and
 * most are paid long before it: cancelled entries are left in place and swept out once they are the majority.
 */
export class DueQueue {
  #heap: (Due & { order: number })[] = [];
  #order = 0;
  #cancelled = 0;

  get first(): Due | undefined {
    while (this.#heap[0]?.cancelled) {
      this.#pop();
      this.#cancelled -= 1;
    }
    return this.#heap[0];
  }

  add(time: number, act: () => void): Due {
    const due = { time, act, cancelled: false, order: this.#order++ };
    this.#heap.push(due);
    this.#rise(this.#heap.length - 1);
    return due;
  }

  takeFirst(): Due | undefined {
    const first = this.first;
    if (first) {
      this.#pop();
      first.cancelled = true; // cancelling it now is not counted twice
    }
    return first;
  }

  cancel(due: Due): void {
    if (due.cancelled) return;
    due.cancelled = true;
    this.#cancelled += 1;
    if (this.#cancelled > tooFewToCompact && this.#cancelled * 2 > this.#heap.length) this.#compact();
  }

  clear(): void {
    for (const due of this.#heap) due.cancelled = true; // cancelling one later changes nothing
    this.#heap = [];
    this.#cancelled = 0;
  }

  #compact(): void {
    // A sorted array is a heap.
    this.#heap = this.#heap.filter((due) => !due.cancelled).sort((a, b) => a.time - b.time || a.order - b.order);
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
