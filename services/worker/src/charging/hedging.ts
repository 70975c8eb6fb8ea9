import { accountKey } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import type { Candidate } from './routing.ts';

/** When a provider counts as silent, and whether another may be asked beside it. */
export interface Hedging {
  /** How long to wait for this provider before the next one is asked as well, milliseconds. One that has been out is only tried: not at all. */
  delayMs(candidate: Candidate): number;
  /** Takes one from the budget; false when it is spent: then the silent provider is waited for. */
  tryAcquire(candidate: Candidate): boolean;
  /** A provider is being asked. */
  recordRequest(candidate: Candidate): void;
  /** It made a charge within so many milliseconds. A quick no says nothing of how long a yes takes. */
  recordLatency(candidate: Candidate, ms: number): void;
}

const minDelayMs = 800; // a healthy provider's slow answers are not worth a second charge
const maxDelayMs = 5_000; // half of what a till waits: the other provider still has its time
const sampleSize = 200; // answers per account: enough for a p95, soon forgotten
const windowMs = 60_000;
const maxHedgedShare = 0.1; // a slow provider must not send all of its load to the other one

interface AccountStats {
  latenciesMs: number[];
  /** When it was asked, and when another was asked beside it, in the last minute. */
  requests: number[];
  hedges: number[];
}

/** @param fixedMs instead of the recent p95, for tests and for those who know better */
export function createHedging(clock: Clock, fixedMs: number | null = null): Hedging {
  const statsByAccount = new Map<string, AccountStats>();
  const statsOf = ({ provider }: Candidate): AccountStats => {
    const key = accountKey(provider.account);
    const stats = statsByAccount.get(key) ?? { latenciesMs: [], requests: [], hedges: [] };
    statsByAccount.set(key, stats);
    return stats;
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
    delayMs: (candidate) => (candidate.openBreaker() ? 0 : (fixedMs ?? clamp(p95(statsOf(candidate).latenciesMs)))),
    tryAcquire: (candidate) => {
      if (candidate.openBreaker()) return true; // who is out gets no load that the other one would be spared
      const { requests, hedges } = statsOf(candidate);
      const since = clock.now().getTime() - windowMs;
      const recent = (times: number[]) => times.filter((at) => at > since).length;
      // The first one is always allowed: with few orders a minute, a tenth of them would be none.
      if (recent(hedges) >= Math.max(1, Math.floor(recent(requests) * maxHedgedShare))) return false;
      add(hedges);
      return true;
    },
    recordRequest: (candidate) => add(statsOf(candidate).requests),
    recordLatency: (candidate, ms) => {
      const { latenciesMs } = statsOf(candidate);
      latenciesMs.push(ms);
      if (latenciesMs.length > sampleSize) latenciesMs.shift();
    },
  };
}

function p95(times: number[]): number {
  if (times.length === 0) return minDelayMs;
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] as number;
}

const clamp = (ms: number): number => Math.min(Math.max(ms, minDelayMs), maxDelayMs);
