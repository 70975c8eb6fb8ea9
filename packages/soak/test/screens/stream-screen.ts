import { type Display, followStore } from '@gateway/display-client';
import type { ReceivedEvent, Screen } from './screen.ts';

/** A screen on Server-Sent Events: the display client, and a page that remembers how far it was. */
export function streamScreen({ api, key, storeId }: { api: string; key: string; storeId: string }): Screen {
  const received: ReceivedEvent[] = [];
  let storedSeq = '0'; // from the first event on
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
        throw new Error('nothing was missed for good: no snapshot is needed');
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
