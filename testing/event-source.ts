import http from 'node:http';
import { eventually } from './eventually.ts';

export interface HeardEvent {
  seq: number;
  event_id: string;
  type: string;
  store_id: string;
  data: Record<string, unknown>;
}

/** One connection that reads Server-Sent Events, as a browser does, and does not come back by itself. */
export interface EventSource {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Every block that came whole, an empty line behind each. */
  readonly text: string;
  readonly events: readonly HeardEvent[];
  /** The ids of the events. */
  readonly seqs: readonly number[];
  /** Whether the server ended it, or cut it off. */
  readonly ended: 'no' | 'ended' | 'cut off';
  /** Waits until that many events have come. */
  hears(count: number): Promise<void>;
  /** Waits for a comment. */
  says(comment: string): Promise<void>;
  /** Reads no more, and leaves the connection open. */
  stopReading(): void;
  readOn(): void;
  close(): void;
}

/** Resolves when the answer has begun; one that is no stream has no events, and its body is the text. */
export function openEventSource(url: string, headers: Record<string, string>): Promise<EventSource> {
  return new Promise((opened, failed) => {
    const asked = http.get(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false }, (answer) => {
      opened(reading(asked, answer));
    });
    asked.once('error', failed);
  });
}

function reading(asked: http.ClientRequest, answer: http.IncomingMessage): EventSource {
  const blocks: string[] = [];
  const seqs: number[] = [];
  let rest = '';
  let ended: EventSource['ended'] = 'no';
  answer.setEncoding('utf8');
  answer.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const block of parts) {
      blocks.push(block);
      const id = /^id: (\d+)\n/.exec(block)?.[1];
      if (id) seqs.push(Number(id));
    }
  });
  answer.once('end', () => {
    ended = 'ended';
  });
  answer.once('error', () => {
    ended = 'cut off';
  });
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    seqs,
    get text() {
      return blocks.map((block) => `${block}\n\n`).join('') + rest;
    },
    get events() {
      return blocks.flatMap((block) => /^id: \d+\ndata: (.*)$/.exec(block)?.[1] ?? []).map((data) => JSON.parse(data) as HeardEvent);
    },
    get ended() {
      return ended;
    },
    hears: async (count) => void (await eventually(() => seqs.length >= count)),
    says: async (comment) => void (await eventually(() => blocks.includes(`: ${comment}`))),
    stopReading: () => answer.pause(),
    readOn: () => answer.resume(),
    close: () => asked.destroy(),
  };
}
