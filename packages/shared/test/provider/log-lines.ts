import { createLogger, type Logger } from '../../src/runtime/index.ts';

/** A real logger, and the lines that it wrote. */
export function logLines(): { log: Logger; lines: Record<string, unknown>[]; text(): string; clear(): void } {
  const written: string[] = [];
  const log = createLogger('test', 'debug', { write: (line) => void written.push(line) });
  return {
    log,
    get lines() {
      return written.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    text: () => written.join(''),
    clear: () => {
      written.length = 0;
    },
  };
}
