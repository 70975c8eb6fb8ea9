import { accountKey } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import type { Candidate } from './route.ts';

/** When a provider counts as silent, and whether another may be asked beside it. */
export interface Hedge {
  /** How long to wait for this provider before the next one is asked as well, milliseconds. One that has been out is only tried: not at all. */
  delayMs(candidate: Candidate): number;
  /** Takes one from the budget; false when it is spent: then the silent provider is waited for. */
  take(candidate: Candidate): boolean;
  /** A provider is being asked. */
  asked(candidate: Candidate): void;
  /** It made a charge within so many milliseconds. A quick no says nothing of how long a yes takes. */
  answered(candidate: Candidate, ms: number): void;
}

const soonestMs = 800; // a healthy provider's slow answers are not worth a second charge
const latestMs = 5_000; // half of what a till waits: the other provider still has its time
const remembered = 200; // answers per account: enough for a p95, soon forgotten
const windowMs = 60_000;
const budget = 0.1; // a slow provider must not send all of its load to the other one

interface Memory {
  answersMs: number[];
  /** When it was asked, and when another was asked beside it, in the last minute. */
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
  const add = (times: number[]): void => {
    const now = clock.now().getTime();
    times.push(now);
    times.splice(
      0,
      times.findIndex((at) => at > now - windowMs),
    );
  };
  return {
    delayMs: (candidate) => (candidate.trouble() ? 0 : (fixedMs ?? clamp(p95(of(candidate).answersMs)))),
    take: (candidate) => {
      if (candidate.trouble()) return true; // who is out gets no load that the other one would be spared
      const { asks, hedges } = of(candidate);
      const since = clock.now().getTime() - windowMs;
      const recent = (times: number[]) => times.filter((at) => at > since).length;
      // The first one is always allowed: with few orders a minute, a tenth of them would be none.
      if (recent(hedges) >= Math.max(1, Math.floor(recent(asks) * budget))) return false;
      add(hedges);
      return true;
    },
    asked: (candidate) => add(of(candidate).asks),
    answered: (candidate, ms) => {
      const { answersMs } = of(candidate);
      answersMs.push(ms);
      if (answersMs.length > remembered) answersMs.shift();
    },
  };
}

function p95(times: number[]): number {
  if (times.length === 0) return soonestMs;
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] as number;
}

const clamp = (ms: number): number => Math.min(Math.max(ms, soonestMs), latestMs);
