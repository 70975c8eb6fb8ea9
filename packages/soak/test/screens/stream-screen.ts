import { type Display, followStore } from '@gateway/display-client';
import type { ReceivedEvent, Screen } from './screen.ts';

/** A screen on Server-Sent Events: the display client, on a page that stores the last sequence number. */
export function streamScreen({ api, key, storeId }: { api: string; key: string; storeId: string }): Screen {
  const received: ReceivedEvent[] = [];
  let storedSeq = '0'; // the screen starts at the first event
  const follow = (): Display =>
    followStore({
      url: api,
      storeId,
      key,
      retryMs: { first: 50, most: 1_000 },
      storage: {
        getItem: () => storedSeq,
        setItem: (_name, value) => {
          storedSeq = value;
        },
      },
      onEvent: ({ seq, event_id }) => void received.push({ seq, event_id }),
      onSnapshot: () => {
        throw new Error('unexpected snapshot: all events are still available');
      },
    });
  let display = follow();
  return {
    storeId,
    received,
    sleep: () => display.close(),
    wake: () => {
      display = follow();
    },
    close: () => display.close(),
  };
}
