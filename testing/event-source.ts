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
  /** The whole text so far: the answer's body when it is no stream. */
  readonly text: string;
  readonly events: readonly HeardEvent[];
  readonly seqs: number[];
  /** The server ended it, or cut it off. */
  readonly ended: 'no' | 'ended' | 'cut off';
  hears(count: number): Promise<void>;
  says(comment: string): Promise<void>;
  /** Reads no more, and leaves the connection open. */
  stopReading(): void;
  readOn(): void;
  close(): void;
}

/** Resolves when the answer has begun. */
export function openEventSource(url: string, headers: Record<string, string>): Promise<EventSource> {
  return new Promise((opened, failed) => {
    const asked = http.get(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false }, (answer) => {
      let text = '';
      let ended: EventSource['ended'] = 'no';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.once('end', () => {
        ended = 'ended';
      });
      answer.once('error', () => {
        ended = 'cut off';
      });
      const source: EventSource = {
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        get text() {
          return text;
        },
        get events() {
          return eventsIn(text);
        },
        get seqs() {
          return source.events.map(({ seq }) => seq);
        },
        get ended() {
          return ended;
        },
        hears: async (count) => void (await eventually(() => countOf(text, '\nid: ') >= count)),
        says: async (comment) => void (await eventually(() => text.includes(`: ${comment}\n`))),
        stopReading: () => answer.pause(),
        readOn: () => answer.resume(),
        close: () => asked.destroy(),
      };
      opened(source);
    });
    asked.once('error', failed);
  });
}

const countOf = (text: string, part: string): number => text.split(part).length - 1;

/** The last block may still be on its way. */
function eventsIn(text: string): HeardEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => /^id: (\d+)\ndata: (.*)$/.exec(block)?.[2] ?? [])
    .map((data) => JSON.parse(data) as HeardEvent);
}
