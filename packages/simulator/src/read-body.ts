import type { IncomingMessage } from 'node:http';

const largestBody = 1024 * 1024; // far above any charge with its items

export type ReadBody = { text: string } | { unread: 'too_large' | 'gone' };

/** The whole body as text; or why there is none: longer than 1 MiB, or the caller left before its end. */
export function readBody(req: IncomingMessage): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= largestBody) chunks.push(chunk);
    });
    req.on('end', () => resolve(size > largestBody ? { unread: 'too_large' } : { text: Buffer.concat(chunks).toString('utf8') }));
    req.on('close', () => resolve({ unread: 'gone' })); // after `end` this changes nothing
    req.on('error', () => resolve({ unread: 'gone' }));
  });
}
