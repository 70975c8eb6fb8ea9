import { write, writeSync } from 'node:fs';

const flushThreshold = 4_096; // characters that are worth a system call
const maxBuffered = 4 * 1024 * 1024; // characters that wait for a reader who does not read: what comes then is lost
const flushIntervalMs = 500; // a quiet process must be readable too
const maxAttempts = 20;
const retryDelayMs = 5;

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
  let buffered = '';
  let isWriting = false;

  function writeChunk(chunk: Buffer): void {
    isWriting = true;
    write(fd, chunk, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(writeChunk, retryDelayMs, chunk).unref();
      else if (!error && written < chunk.length) writeChunk(chunk.subarray(written));
      else {
        isWriting = false;
        if (buffered.length >= flushThreshold) writeBuffered();
      }
    });
  }

  function writeBuffered(): void {
    if (isWriting || buffered === '') return;
    const chunk = Buffer.from(buffered);
    buffered = '';
    writeChunk(chunk);
  }

  setInterval(writeBuffered, flushIntervalMs).unref();
  return {
    write: (line) => {
      if (buffered.length > maxBuffered) return;
      buffered += line;
      if (buffered.length >= flushThreshold) writeBuffered();
    },
    flush: () => {
      writeSynchronously(fd, Buffer.from(buffered));
      buffered = '';
    },
  };
}

function writeSynchronously(fd: number, chunk: Buffer): void {
  let remaining = chunk;
  for (let attempt = 0; remaining.length > 0 && attempt < maxAttempts; attempt++) {
    try {
      remaining = remaining.subarray(writeSync(fd, remaining));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryDelayMs); // a pipe that is full may be read in a moment
    }
  }
}
