import type { IncomingMessage } from 'node:http';

const maxBodyBytes = 1024 * 1024; // far above any charge with its items

export type RequestBody = { text: string } | { unread: 'too_large' | 'aborted' };

/** The whole body as text; or why it is not read: longer than 1 MiB, or the caller disconnected before its end. */
export function readBody(req: IncomingMessage): Promise<RequestBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
    });
    req.on('end', () => resolve(size > maxBodyBytes ? { unread: 'too_large' } : { text: Buffer.concat(chunks).toString('utf8') }));
    req.on('close', () => resolve({ unread: 'aborted' })); // after `end` the promise is already resolved
    req.on('error', () => resolve({ unread: 'aborted' }));
  });
}
