import pino from 'pino';
import { type LogOutput, logOutput } from './log-output.ts';
import { redact } from './redact.ts';

/**
 * What a log line may say, and nothing else: a field that is not listed is dropped, so a secret, a body or a person's
 * name cannot slip in with an object. Strings are read through `redact` all the same.
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
] as const; // prettier than one a line, and it sorts

type Loggable = (typeof loggable)[number];
export type LogFields = { readonly [Field in Loggable]?: unknown };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** A log line is a sentence with fields: one per request and one per job outcome. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** Writes out what is still buffered. */
  flush(): void;
}

const allowed: ReadonlySet<string> = new Set(loggable);

/** JSON lines on standard output (or on `to`, in tests); buffered, so call `flush` before the process ends. */
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

/** An error as a line shows it. Libraries hang requests, queries and parameters on their errors: only these four are kept. */
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
