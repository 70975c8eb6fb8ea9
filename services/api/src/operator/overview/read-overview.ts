import type { HostedDatabase, HostState, Hosts } from '@gateway/shared/host';
import type { AccountDirectory } from '@gateway/shared/provider';
import { type Clock, lowestPaymentId, plusMs } from '@gateway/shared/runtime';
import { auditRuns, consoleFigures, type settings } from '@gateway/shared/store';
import type { Redis } from 'ioredis';
import { slowMs } from '../payment-page/why-it-waited.ts';
import { type AccountHealth, readProviderHealth } from '../provider-health.ts';

/** What one database says; null where it did not answer in time. */
export interface DatabaseFacts {
  hosts: readonly string[];
  waiting: consoleFigures.WaitingFigures | null;
  minutes: readonly consoleFigures.MinuteOfAccount[];
  troubled: readonly consoleFigures.TroubledPayment[];
  /** Of the daily audit; null: none has run yet. */
  audit: auditRuns.AuditRun | null;
}

export interface OverviewFacts {
  at: Date;
  databases: readonly DatabaseFacts[];
  accounts: readonly AccountHealth[];
  hosts: readonly HostState[];
  /** Null: the control database was not read yet. */
  holds: readonly settings.Hold[] | null;
  isRedisAway: boolean;
  isControlAway: boolean;
}

interface OverviewDeps {
  hosts: Pick<Hosts, 'databases' | 'states'>;
  accounts: Pick<AccountDirectory, 'all'>;
  control: Pick<settings.ControlCache, 'current' | 'lastError'>;
  redis: Pick<Redis, 'get' | 'ping'>;
  clock: Clock;
}

const chartMs = 15 * 60_000;
const troubledMs = 3_600_000;
const shown = 12; // payments with trouble: a page for all of them is the list
const keptMs = 2_000;

/** Reads the facts of the overview. Readings within two seconds are one: many viewers cost as much as one. */
export function createOverviewReader(deps: OverviewDeps): () => Promise<OverviewFacts> {
  let last: { at: number; facts: Promise<OverviewFacts> } | null = null;
  return () => {
    const now = deps.clock.now();
    if (!last || Math.abs(now.getTime() - last.at) >= keptMs) last = { at: now.getTime(), facts: read(deps, now) };
    return last.facts;
  };
}

async function read({ hosts, accounts, control, redis }: OverviewDeps, at: Date): Promise<OverviewFacts> {
  const [databases, health, isRedisAway] = await Promise.all([
    Promise.all(hosts.databases().map((database) => readDatabase(database, at))),
    readProviderHealth(accounts.all(), redis),
    redis.ping().then(
      () => false,
      () => true,
    ),
  ]);
  const holds = control.current?.holds ?? null;
  return { at, databases, accounts: health, hosts: hosts.states(), holds, isRedisAway, isControlAway: control.lastError !== null };
}

async function readDatabase({ db, hosts }: HostedDatabase, at: Date): Promise<DatabaseFacts> {
  const [waiting, minutes, troubled, audit] = await Promise.allSettled([
    consoleFigures.waiting(db),
    consoleFigures.minutes(db, lowestPaymentId(plusMs(at, -chartMs))),
    consoleFigures.troubled(db, lowestPaymentId(plusMs(at, -troubledMs)), slowMs, shown),
    auditRuns.latest(db.pool),
  ]);
  return {
    hosts,
    waiting: waiting.status === 'fulfilled' ? waiting.value : null,
    minutes: minutes.status === 'fulfilled' ? minutes.value : [],
    troubled: troubled.status === 'fulfilled' ? troubled.value : [],
    audit: audit.status === 'fulfilled' ? audit.value : null,
  };
}
