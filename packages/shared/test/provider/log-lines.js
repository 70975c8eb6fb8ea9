import { createLogger } from '../../src/runtime/index.js';
/** A real logger, and what it wrote. */
export function logLines() {
  const written = [];
  const log = createLogger('test', 'debug', { write: (line) => void written.push(line) });
  return {
    log,
    get lines() {
      return written.map((line) => JSON.parse(line));
    },
    text: () => written.join(''),
  };
}
//# sourceMappingURL=log-lines.js.map
