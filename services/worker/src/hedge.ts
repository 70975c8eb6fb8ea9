import { accountKey } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import type { Candidate } from './route.ts';

/** When a provider counts as silent, and whether another may be asked beside it. */
export interface Hedge {
  /** How long to wait for this provider before the next one is asked as well, milliseconds. */
  delayMs(candidate: Candidate | undefined): number;
  /** Takes one from the budget; false when it is spent: then the silent provider is waited for. */
  take(candidate: Candidate | undefined): boolean;
  /** A provider was asked, and answered after so many milliseconds. */
  answered(candidate: Candidate, ms: number): void;
}

const soonestMs = 800; // a healthy provider's slow answers are not worth a second charge
const latestMs = 5_000; // half of what a till waits: the other provider still has its time
const remembered = 200; // answers per account: enough for a p95, soon forgotten
const windowMs = 60_000;
const budget = 0.1; // a slow provider must not send all of its load to the other one

interface Memory {
  answersMs: number[];
  asks: number[];
  hedges: number[];
}

/** @param fixedMs instead of the recent p95, for tests and for those who know better */
export function createHedge(clock: Clock, fixedMs: number | null = null): Hedge {
  const memories = new Map<string, Memory>();
  const of = ({ provider }: Candidate): Memory => {
    const key = accountKey(provider.account);
    const memory = memories.get(key) ?? { answersMs: [], asks: [], hedges: [] };
    memories.set(key, memory);
    return memory;
  };
  const recent = (times: number[]): number[] => times.filter((at) => at > clock.now().getTime() - windowMs);
  return {
    delayMs: (candidate) => fixedMs ?? (candidate ? clamp(p95(of(candidate).answersMs)) : soonestMs),
    take: (candidate) => {
      if (!candidate) return true;
      const memory = of(candidate);
      memory.hedges = recent(memory.hedges);
      memory.asks = recent(memory.asks);
      // The first one is always allowed: with few orders a minute, a tenth of them would be none.
      if (memory.hedges.length >= Math.max(1, memory.asks.length * budget)) return false;
      memory.hedges.push(clock.now().getTime());
      return true;
    },
    answered: (candidate, ms) => {
      const memory = of(candidate);
      memory.answersMs.push(ms);
      memory.asks.push(clock.now().getTime());
      if (memory.answersMs.length > remembered) memory.answersMs.shift();
      if (memory.asks.length > 10_000) memory.asks = recent(memory.asks);
    },
  };
}

function p95(times: number[]): number {
  if (times.length === 0) return soonestMs;
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] as number;
}

const clamp = (ms: number): number => Math.min(Math.max(ms, soonestMs), latestMs);
