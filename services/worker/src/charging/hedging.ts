import { accountKey } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import type { Candidate } from '../providers/accounts.ts';

/** When a provider counts as silent, and whether the next one may then be asked at the same time. */
export interface Hedging {
  /**
   * How long to wait for this provider before the next one is asked at the same time, milliseconds.
   * 0 when the account's breaker is open or half-open: a probe does not cost a till's time.
   */
  delayMs(candidate: Candidate): number;
  /** Takes one hedged request from the account's budget. False when the budget is spent: then the silent provider is waited for. */
  tryAcquire(candidate: Candidate): boolean;
  /** Counts one create call to this account. The budget is a share of them. */
  recordRequest(candidate: Candidate): void;
  /** Records how long a successful create took. A refusal is not recorded: it is quicker than a charge. */
  recordLatency(candidate: Candidate, ms: number): void;
}

const minDelayMs = 800; // below it, the slow answers of a healthy provider would each cost a second charge
const maxDelayMs = 5_000; // half of what a till waits, so that the other provider still has time to answer
const sampleSize = 200; // latencies per account: enough for a p95, and a slow hour is soon forgotten
const windowMs = 60_000;
const maxHedgedShare = 0.1; // a slow provider must not send all of its load to the other one

interface AccountStats {
  latenciesMs: number[];
  /** Times of the create calls of the last minute, and of those among them that were hedged. */
  requests: number[];
  hedges: number[];
}

/** @param fixedMs the delay for every account, in place of its recent p95; null: the p95 */
export function createHedging(clock: Clock, fixedMs: number | null = null): Hedging {
  const statsByAccount = new Map<string, AccountStats>();
  const statsOf = ({ provider }: Candidate): AccountStats => {
    const key = accountKey(provider.account);
    const stats = statsByAccount.get(key) ?? { latenciesMs: [], requests: [], hedges: [] };
    statsByAccount.set(key, stats);
    return stats;
  };
  const recordNow = (times: number[]): void => {
    const nowMs = clock.now().getTime();
    times.push(nowMs);
    const firstInWindow = times.findIndex((time) => time > nowMs - windowMs);
    times.splice(0, firstInWindow);
  };
  return {
    delayMs: (candidate) => (candidate.openBreaker() ? 0 : (fixedMs ?? clamp(p95(statsOf(candidate).latenciesMs)))),
    tryAcquire: (candidate) => {
      if (candidate.openBreaker()) return true; // the next provider receives the load of an account with an open breaker anyway
      const { requests, hedges } = statsOf(candidate);
      const sinceMs = clock.now().getTime() - windowMs;
      const recent = (times: number[]) => times.filter((time) => time > sinceMs).length;
      // One a minute is always allowed: with few orders a minute, a tenth of them would round down to none.
      if (recent(hedges) >= Math.max(1, Math.floor(recent(requests) * maxHedgedShare))) return false;
      recordNow(hedges);
      return true;
    },
    recordRequest: (candidate) => recordNow(statsOf(candidate).requests),
    recordLatency: (candidate, ms) => {
      const { latenciesMs } = statsOf(candidate);
      latenciesMs.push(ms);
      if (latenciesMs.length > sampleSize) latenciesMs.shift();
    },
  };
}

function p95(latenciesMs: number[]): number {
  if (latenciesMs.length === 0) return minDelayMs;
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] as number;
}

const clamp = (ms: number): number => Math.min(Math.max(ms, minDelayMs), maxDelayMs);
