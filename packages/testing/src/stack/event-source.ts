import http from 'node:http';
import { eventually } from '../eventually.ts';

/** The fields of an event that tests read. */
export interface ReceivedEvent {
  seq: number;
  event_id: string;
  type: string;
  store_id: string;
  data: Record<string, unknown>;
}

/** One connection that reads Server-Sent Events like a browser, but does not reconnect. */
export interface EventSource {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Everything received so far. */
  readonly text: string;
  readonly events: readonly ReceivedEvent[];
  /** The ids of the received events. */
  readonly seqs: readonly number[];
  /** Whether the server ended the response, or broke the connection. */
  readonly ended: 'no' | 'ended' | 'cut off';
  /** Waits until `count` events have arrived. */
  waitsFor(count: number): Promise<void>;
  /** Waits for a comment line. */
  waitsForComment(comment: string): Promise<void>;
  /** Stops reading, and leaves the connection open: a client that is too slow. */
  stopReading(): void;
  resumeReading(): void;
  close(): void;
}

/** Resolves when the response headers have arrived. An error response has no events; its body is in `text`. */
export function openEventSource(url: string, headers: Record<string, string>): Promise<EventSource> {
  return new Promise((opened, failed) => {
    const request = http.get(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false }, (response) => {
      opened(readStream(request, response));
    });
    request.once('error', failed);
  });
}

function readStream(request: http.ClientRequest, response: http.IncomingMessage): EventSource {
  const blocks: string[] = [];
  const seqs: number[] = [];
  let partial = '';
  let ended: EventSource['ended'] = 'no';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const parts = (partial + chunk).split('\n\n');
    partial = parts.pop() ?? '';
    for (const block of parts) {
      blocks.push(block);
      const id = /^id: (\d+)\n/.exec(block)?.[1];
      if (id) seqs.push(Number(id));
    }
  });
  response.once('end', () => {
    ended = 'ended';
  });
  response.once('error', () => {
    ended = 'cut off';
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    seqs,
    get text() {
      return blocks.map((block) => `${block}\n\n`).join('') + partial;
    },
    get events() {
      return blocks.flatMap((block) => /^id: \d+\ndata: (.*)$/.exec(block)?.[1] ?? []).map((data) => JSON.parse(data) as ReceivedEvent);
    },
    get ended() {
      return ended;
    },
    waitsFor: async (count) => void (await eventually(() => seqs.length >= count)),
    waitsForComment: async (comment) => void (await eventually(() => blocks.includes(`: ${comment}`))),
    stopReading: () => response.pause(),
    resumeReading: () => response.resume(),
    close: () => request.destroy(),
  };
}
