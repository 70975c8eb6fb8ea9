import type { Request, RequestHandler, Response } from 'express';
import { Problem } from '../../http/problem.ts';
import { sessionTokenOf } from '../sign-in/authenticate-operator.ts';
import type { Sessions } from '../sign-in/sessions.ts';

interface LiveDeps {
  sessions: Pick<Sessions, 'find'>;
  /** Begins before the headers are sent. @returns makes the part of the page that is replaced */
  begin: (req: Request, res: Response) => () => Promise<string>;
}

const everyMs = 2_000; // a session that ended elsewhere ends its stream within this time, too
const longestMs = 10 * 60_000; // then the browser connects again
const maxStreams = 40; // of one process: a page for a few people

export interface LiveOverview {
  handler: RequestHandler;
  close(): void;
}

/** GET /operator/live: the overview as Server-Sent Events, when it has changed. A stream ends with its session. */
export function createLiveOverview({ sessions, begin }: LiveDeps): LiveOverview {
  const streams = new Set<Response>();
  const handler: RequestHandler = (req, res) => {
    if (streams.size >= maxStreams)
      throw new Problem('rate_limited', 'Too many pages are live. Load the page again to see it now.', { retryAfter: 30 });
    const render = begin(req, res);
    streams.add(res);
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
    let last = '';
    const tick = async (): Promise<void> => {
      if (!(await sessions.find(sessionTokenOf(res), false))) return void res.end();
      const text = await render();
      const isSlow = res.writableLength > 0; // a client that does not read gets the next one
      if (!isSlow) res.write(text === last ? ': same\n\n' : `event: overview\ndata: ${JSON.stringify(text)}\n\n`);
      last = isSlow ? last : text;
    };
    const timer = setInterval(() => void tick().catch(() => res.end()), everyMs);
    const end = setTimeout(() => res.end(), longestMs);
    res.on('close', () => {
      streams.delete(res);
      clearInterval(timer);
      clearTimeout(end);
    });
  };
  return {
    handler,
    close: () => {
      for (const stream of streams) stream.end();
    },
  };
}
