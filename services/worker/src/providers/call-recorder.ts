import { setImmediate } from 'node:timers/promises';
import type { Hosts } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import { evidenceOf, type ProviderCall, providerKind, type RecordCall } from '@gateway/shared/provider';
import { type Clock, type Logger, plusMs } from '@gateway/shared/runtime';
import { providerCalls } from '@gateway/shared/store';
import type { WorkerMetrics } from '../metrics.ts';

interface CallRecorderDeps {
  hosts: Pick<Hosts, 'forReference'>;
  metrics: Pick<WorkerMetrics, 'callEvidence'>;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
}

export interface CallRecorderOptions {
  /** How long a call may wait for its row, milliseconds. */
  everyMs?: number;
  /** Calls that may wait in this process. */
  maxCalls?: number;
  /** Bytes of the answers that may wait. */
  maxBytes?: number;
}

/** Keeps the calls to providers as evidence. */
export interface CallRecorder {
  record: RecordCall;
  /** Writes what waits. Later calls are not kept. */
  close(): Promise<void>;
}

const rowsOfInsert = 50; // their evidence is made at once, in two milliseconds
const insertMs = 2_000;
const bytesBeside = 2_000; // what a call holds beside its answer

/** A call of which the evidence is not made yet. */
interface WaitingCall {
  call: ProviderCall;
  startedAt: Date;
  bytes: number;
}

/** The calls of one database. */
interface Line {
  db: Database;
  waiting: WaitingCall[];
  timer: NodeJS.Timeout | null;
  /** The insert that runs; one at a time, so that evidence takes one connection at most. */
  writing: Promise<void> | null;
  isFailing: boolean;
}

/**
 * Writes each call to a provider as a row, many in one insert, a moment later. No payment waits for it: a call that does not fit into the
 * buffer, or whose insert fails, is counted and has no evidence.
 */
export function createCallRecorder(
  { hosts, metrics, clock, log }: CallRecorderDeps,
  { everyMs = 250, maxCalls = 2_000, maxBytes = 8 * 1024 * 1024 }: CallRecorderOptions = {},
): CallRecorder {
  const lines = new Map<Database, Line>();
  const held = { calls: 0, bytes: 0 };
  let isClosed = false;

  const lineOf = (reference: string): Line | null => {
    const db = databaseOf(hosts, reference);
    if (!db) return null;
    const line = lines.get(db) ?? { db, waiting: [], timer: null, writing: null, isFailing: false };
    lines.set(db, line);
    return line;
  };

  const start = (line: Line): void => {
    line.writing ??= write(line).finally(() => {
      line.writing = null;
      if (line.waiting.length > 0 && !isClosed) schedule(line);
    });
  };

  const schedule = (line: Line): void => {
    if (line.waiting.length >= rowsOfInsert) start(line);
    line.timer ??= setTimeout(() => {
      line.timer = null;
      start(line);
    }, everyMs).unref();
  };

  /** Writes what waits now. A failed insert is not repeated: the next one has newer calls to keep. */
  async function write(line: Line): Promise<void> {
    await setImmediate(); // what came with this answer goes first: a QR is being shown
    const calls = line.waiting.splice(0, rowsOfInsert);
    if (calls.length === 0) return;
    try {
      await providerCalls.insert(line.db.pool, calls.map(rowOf), insertMs);
      metrics.callEvidence.inc({ result: 'stored' }, calls.length);
      line.isFailing = false;
    } catch (error) {
      metrics.callEvidence.inc({ result: 'not_stored' }, calls.length);
      if (!line.isFailing) log.warn({ err: error, count: calls.length }, 'evidence of provider calls not stored');
      line.isFailing = true;
    } finally {
      held.calls -= calls.length;
      held.bytes -= calls.reduce((sum, { bytes }) => sum + bytes, 0);
    }
  }

  return {
    record: (call) => {
      const bytes = bytesBeside + ('failure' in call.outcome ? 0 : call.outcome.body.length);
      const line = isClosed ? null : lineOf(call.reference);
      if (!line) return metrics.callEvidence.inc({ result: 'not_stored' });
      if (held.calls >= maxCalls || held.bytes + bytes > maxBytes) return metrics.callEvidence.inc({ result: 'buffer_full' });
      held.calls++;
      held.bytes += bytes;
      line.waiting.push({ call, startedAt: plusMs(clock.now(), -call.durationMs), bytes });
      schedule(line);
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...lines.values()].map((line) => closeLine(line, write)));
      const lost = [...lines.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);
      metrics.callEvidence.inc({ result: 'not_stored' }, lost);
    },
  };
}

async function closeLine(line: Line, write: (line: Line) => Promise<void>): Promise<void> {
  clearTimeout(line.timer ?? undefined);
  await line.writing;
  do await write(line);
  while (line.waiting.length > 0 && !line.isFailing); // a database that is unavailable must not use up the time of the shutdown
}

/** The part of a reference before its first dash names the host. Null: no host of ours, or its database is unknown at the moment. */
function databaseOf(hosts: CallRecorderDeps['hosts'], reference: string): Database | null {
  try {
    return hosts.forReference(reference)?.db ?? null;
  } catch {
    return null;
  }
}

function rowOf({ call, startedAt }: WaitingCall): providerCalls.StoredCall {
  const { provider, account, operation, method, reference, durationMs } = call;
  return { provider, account, operation, method, reference, durationMs, startedAt, ...evidenceOf(call, providerKind(provider).evidence) };
}
