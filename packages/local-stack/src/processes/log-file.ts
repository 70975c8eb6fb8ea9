import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

const maxBytes = 10 * 1024 * 1024; // a few days of a small shop

export interface LogFile {
  write(chunk: Uint8Array): void;
}

/** Appends to `file`. A full file becomes `file.1`, replacing the previous one. A full disk stops the log, not the stack. */
export function openLogFile(file: string): LogFile {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  let open = openSync(file, 'a', 0o600);
  let bytes = fstatSync(open).size;
  return {
    write: (chunk) => {
      try {
        if (bytes >= maxBytes) {
          closeSync(open);
          renameSync(file, `${file}.1`);
          open = openSync(file, 'a', 0o600);
          bytes = 0;
        }
        bytes += writeSync(open, chunk);
      } catch {
        // this chunk is lost; the next one is tried again
      }
    },
  };
}
