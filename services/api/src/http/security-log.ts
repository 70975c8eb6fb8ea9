import { openSync } from 'node:fs';
import { createLogger, type Logger, type LogLevel, logOutput, sampleLines } from '@gateway/shared/runtime';
import type { Counter } from '@prometheus-io/client';
import type { SecurityEvent } from './refusal.ts';

export interface SecurityEventDetails {
  address: string;
  /** The id of a key's client, the fingerprint of an unknown key, the name of an operator, or a provider account. */
  principal: string;
  route: string;
  request_id: string;
}

export interface SecurityLog {
  record(event: SecurityEvent, details: SecurityEventDetails): void;
  flush(): void;
}

/** Counts every security event, and writes the first ones of each event, address and principal in a minute, then how many more there were. */
export function createSecurityLog(log: Logger, counter: Counter<'event'>): SecurityLog {
  const sampled = sampleLines(log, { by: ['event_type', 'address', 'principal'], periodMs: 60_000, linesOf: () => 5, maxKinds: 50 });
  return {
    record: (event, details) => {
      counter.inc({ event });
      sampled.warn({ event_type: event, ...details }, 'security event');
    },
    flush: () => sampled.flush(),
  };
}

/**
 * The log of security events, apart from the request log, so that a flood of requests cannot push them out.
 * @param file undefined: standard error
 */
export const openSecurityLog = (file: string | undefined, level: LogLevel): Logger =>
  createLogger('api', level === 'silent' ? level : 'info', logOutput(file === undefined ? 2 : openSync(file, 'a', 0o600)));
