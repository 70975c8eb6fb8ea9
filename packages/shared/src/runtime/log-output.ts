import { write, writeSync } from 'node:fs';

const flushThreshold = 16_384; // characters: fewer wait for more, to save system calls
const maxBuffered = 4 * 1024 * 1024; // characters: lines beyond that are lost while nothing reads the output
const flushIntervalMs = 500; // the longest time that a line of a quiet process stays in the buffer
const maxAttempts = 20;
const retryDelayMs = 5;

/** The destination of log lines. */
export interface LogOutput {
  write(line: string): void;
  /** Writes the buffered lines, for 0.1 s at most. The last step of a process. */
  flush(): void;
}

/**
 * Buffers lines and writes them asynchronously. An output that is not read, and a full disk, lose log lines and cost nothing else.
 * pino's own destination retries a broken pipe for ever on the event loop: a service whose supervisor was killed hung with it.
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
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryDelayMs); // a full pipe may be read in the meantime
    }
  }
}
