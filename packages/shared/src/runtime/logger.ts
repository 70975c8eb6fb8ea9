import pino from 'pino';
import { type LogOutput, logOutput } from './log-output.ts';
import { redact } from './redact.ts';

/**
 * The fields that a log line may have. Any other field is dropped, so that no secret, body or personal data reaches a log with an
 * object. Texts also pass through `redact`.
 */
const loggable = [
  'account',
  'acquirer',
  'address',
  'amount_idr',
  'attempt',
  'attempt_no',
  'client_id',
  'code',
  'count',
  'delay_ms',
  'delivery_key',
  'duration_ms',
  'endpoint_id',
  'err',
  'event_id',
  'event_type',
  'exit_code',
  'file',
  'host',
  'http_status',
  'inbox_id',
  'issuer',
  'job',
  'job_id',
  'lag_ms',
  'method',
  'operation',
  'order_number',
  'outcome',
  'parts',
  'payment_id',
  'pid',
  'port',
  'postgres',
  'principal',
  'process_name',
  'provider',
  'queue',
  'reason',
  'reference',
  'refund_id',
  'request_id',
  'route',
  'seq',
  'signal',
  'state',
  'status',
  'store_id',
  'table',
  'tenant',
  'tries',
  'verdict',
  'version',
] as const;

type Loggable = (typeof loggable)[number];
export type LogFields = { readonly [Field in Loggable]?: unknown };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A log line is a constant message with fields. There is one line for each request and one for each job. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** Writes the buffered lines. */
  flush(): void;
}

const allowed: ReadonlySet<string> = new Set(loggable);

/** Writes JSON lines to standard output, or to `destination` in tests. Lines are buffered: call `flush` before the process ends. */
export function createLogger(
  name: string,
  level: LogLevel = 'info',
  destination: pino.DestinationStream & Partial<LogOutput> = logOutput(),
): Logger {
  const log = pino(
    {
      base: { process: name },
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: onlyLoggable },
      hooks: { logMethod: redactMessage },
    },
    destination,
  );
  return Object.assign(log, { flush: () => destination.flush?.() }) as unknown as Logger;
}

function onlyLoggable(fields: Record<string, unknown>): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) if (allowed.has(field)) line[field] = loggableValue(value, 0);
  return line;
}

function loggableValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redact(value);
  if (value instanceof Error) return errorLine(value, depth);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.slice(0, 20).map((each) => loggableValue(each, depth + 1));
  return value === undefined ? undefined : redact(String(value));
}

/** An error in a log line: name, message, code and stack. Libraries attach requests, queries and parameters to errors; those are dropped. */
function errorLine(error: Error & { code?: unknown }, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: redact(error.message),
    ...(error.code === undefined ? {} : { code: String(error.code) }),
    ...(depth === 0 && error.stack
      ? {
          at: redact(
            error.stack
              .split('\n')
              .slice(1, 7)
              .map((line) => line.trim())
              .join(' '),
          ),
        }
      : {}),
    ...(error.cause instanceof Error && depth < 3 ? { cause: errorLine(error.cause, depth + 1) } : {}),
  };
}

function redactMessage(this: pino.Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const [fields, message, ...rest] = args as [unknown, string | undefined, ...unknown[]];
  method.apply(this, [fields, message === undefined ? undefined : redact(message), ...rest] as Parameters<pino.LogFn>);
}
