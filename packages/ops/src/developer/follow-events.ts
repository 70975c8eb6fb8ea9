import { setTimeout as delay } from 'node:timers/promises';
import type { Gateway } from './gateway.ts';

/** An event with the bytes that were published. */
export interface FollowedEvent {
  seq: number;
  body: string;
  event: { event_id: string; type: string; store_id: string; order_number: string | null; occurred_at: string };
}

interface FollowOptions {
  storeId: string;
  /** The last seq that is known. */
  after: number;
  signal: AbortSignal;
  /** The next event waits until it has resolved. */
  onEvent: (event: FollowedEvent) => Promise<void>;
  /** The stream ended and is opened again. Called once for an outage. */
  onLost: (reason: string) => void;
}

const reconnectMs = 500;

/** Follows the event stream of one store until the signal. A lost connection is opened again after the last event: none is missed. */
export async function followEvents(gateway: Gateway, { storeId, after, signal, onEvent, onLost }: FollowOptions): Promise<void> {
  let seq = after;
  let isLost = false;
  while (!signal.aborted) {
    try {
      for await (const body of messages(gateway, storeId, seq, signal)) {
        isLost = false;
        const event = JSON.parse(body) as FollowedEvent['event'] & { seq: number };
        if (event.seq <= seq) continue;
        await onEvent({ seq: event.seq, body, event });
        seq = event.seq;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isLost) onLost((error as Error).message);
      isLost = true;
    }
    await delay(reconnectMs, undefined, { signal }).catch(() => {});
  }
}

/** The data of each message of a stream, until the stream ends. */
async function* messages(gateway: Gateway, storeId: string, after: number, signal: AbortSignal): AsyncGenerator<string> {
  const route = `/stores/${encodeURIComponent(storeId)}/events?after=${after}`;
  const answer = await gateway.request(route, { headers: { accept: 'text/event-stream' }, signal });
  if (!answer.ok || !answer.body) throw new Error(`the gateway answered ${answer.status}`);
  let unfinished = '';
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (unfinished + chunk).split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data:')) yield line.slice('data:'.length).trim();
  }
}
