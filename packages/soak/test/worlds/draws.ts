/** Random draws of one world. Each is named, and its value follows from the seed and the name alone: no draw depends on another one. */
export interface Draws {
  /** At least 0 and less than 1. */
  fraction(name: string): number;
  /** A whole number, both limits included. */
  between(name: string, low: number, high: number): number;
  pick<T>(name: string, list: readonly T[]): T;
}

export function createDraws(seed: number): Draws {
  const fraction = (name: string): number => hash(`${seed} ${name}`) / 2 ** 32;
  return {
    fraction,
    between: (name, low, high) => low + Math.floor(fraction(name) * (high - low + 1)),
    pick: <T>(name: string, list: readonly T[]) => list[Math.floor(fraction(name) * list.length)] as T,
  };
}

/** 32 bits of MurmurHash3 over the characters: similar names give values that have nothing in common. */
function hash(text: string): number {
  let h = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
