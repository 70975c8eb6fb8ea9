import type { LogFields, Logger } from './logger.ts';

export interface Sampling {
  /** The fields in which lines of one kind are the same. Their level and message are too. */
  by: readonly (keyof LogFields)[];
  periodMs: number;
  /** How many lines of one kind are written in a period. */
  linesOf(fields: LogFields): number;
  /** Further kinds in a period count as one, so that many kinds fill neither the memory nor the log. */
  maxKinds: number;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

interface Kind {
  level: Level;
  message: string;
  fields: LogFields;
  lines: number;
  count: number;
}

/**
 * A log that writes the first lines of each kind in a period. The others are counted: at the end of the period one line of that kind
 * has the field `count`. So a flood of requests cannot fill the log and push out what was written before.
 */
export function sampleLines(log: Logger, { by, periodMs, linesOf, maxKinds }: Sampling): Logger {
  const kinds = new Map<string, Kind>();
  setInterval(reportCounts, periodMs).unref();

  function reportCounts(): void {
    const counted = [...kinds.values()].filter(({ count, lines }) => count > lines);
    kinds.clear();
    for (const { level, fields, message, count, lines } of counted) log[level]({ ...fields, count: count - lines }, message);
  }

  function kindOf(level: Level, fields: LogFields, message: string): Kind {
    const name = `${level} ${message} ${by.map((field) => fields[field]).join(' ')}`;
    const known = kinds.get(name);
    if (known) return known;
    if (kinds.size >= maxKinds) return addKind(`${level} ${message}`, { level, message, fields: {}, lines: 0, count: 0 });
    const shown = Object.fromEntries(by.map((field) => [field, fields[field]]));
    return addKind(name, { level, message, fields: shown, lines: linesOf(fields), count: 0 });
  }

  function addKind(name: string, kind: Kind): Kind {
    const known = kinds.get(name);
    if (!known) kinds.set(name, kind);
    return known ?? kind;
  }

  const write = (level: Level) => (fields: LogFields, message: string) => {
    const kind = kindOf(level, fields, message);
    kind.count += 1;
    if (kind.count <= kind.lines) log[level](fields, message);
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    flush: () => {
      reportCounts();
      log.flush();
    },
  };
}
