/** A source of choices that is equal for an equal seed. */
export interface Choices {
  /** A whole number from 0 below `count`. */
  below(count: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Letters and digits that no valid secret has by accident. */
  token(length: number): string;
}

const alphabet = [...'abcdefghijkmnpqrstuvwxyz23456789'];

/** @param n the number of the request: each has choices of its own, so that one can be repeated without those before it */
export function choicesOf(seed: number, n: number): Choices {
  let state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0; // mulberry32
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  return {
    below,
    pick,
    chance: (share) => next() < share,
    token: (length) => Array.from({ length }, () => pick(alphabet)).join(''),
  };
}
