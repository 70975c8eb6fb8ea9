import { type Logger } from '../../src/runtime/index.ts';
/** A real logger, and what it wrote. */
export declare function logLines(): {
  log: Logger;
  lines: Record<string, unknown>[];
  text(): string;
};
//# sourceMappingURL=log-lines.d.ts.map
