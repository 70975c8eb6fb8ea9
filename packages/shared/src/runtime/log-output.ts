import { write, writeSync } from 'node:fs';

const enough = 4_096; // characters that are worth a system call
const tooMany = 4 * 1024 * 1024; // characters that wait for a reader who does not read: what comes then is lost
const quietMs = 500; // a quiet process must be readable too
const attempts = 20;
const attemptMs = 5;

/** Where log lines go. */
export interface LogOutput {
  write(line: string): void;
  /** The last thing before a process ends: writes what waits, for 0.1 s at most. */
  flush(): void;
}

/**
 * Lines are gathered and written behind the process's back. A log that nobody reads, or a disk that is full, costs its lines
 * and nothing else. (pino's own destination tries a broken pipe again for ever, on the event loop: a service whose supervisor
 * was killed hung until it was killed too.)
 */
export function logOutput(fd = 1): LogOutput {
  let waiting = '';
  let writing = false;

  function pass(chunk: Buffer): void {
    writing = true;
    write(fd, chunk, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(pass, attemptMs, chunk).unref();
      else if (!error && written < chunk.length) pass(chunk.subarray(written));
      else {
        writing = false;
        if (waiting.length >= enough) passOn();
      }
    });
  }

  function passOn(): void {
    if (writing || waiting === '') return;
    const chunk = Buffer.from(waiting);
    waiting = '';
    pass(chunk);
  }

  setInterval(passOn, quietMs).unref();
  return {
    write: (line) => {
      if (waiting.length > tooMany) return;
      waiting += line;
      if (waiting.length >= enough) passOn();
    },
    flush: () => {
      writeNow(fd, Buffer.from(waiting));
      waiting = '';
    },
  };
}

function writeNow(fd: number, chunk: Buffer): void {
  let rest = chunk;
  for (let attempt = 0; rest.length > 0 && attempt < attempts; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attemptMs); // a pipe that is full may be read in a moment
    }
  }
}
