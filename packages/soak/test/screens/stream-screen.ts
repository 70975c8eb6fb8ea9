import { type Display, followStore } from '../../../display-client/src/index.ts';
import type { Heard, Screen } from './a-screen.ts';

/** A screen on Server-Sent Events: the display client, and a page that remembers how far it was. */
export function streamScreen({ api, key, storeId }: { api: string; key: string; storeId: string }): Screen {
  const heard: Heard[] = [];
  let kept = '0'; // from the first event on
  const follow = (): Display =>
    followStore({
      url: api,
      storeId,
      key,
      retryMs: { first: 50, most: 1_000 },
      storage: {
        getItem: () => kept,
        setItem: (_name, value) => {
          kept = value;
        },
      },
      onEvent: ({ seq, event_id }) => void heard.push({ seq, event_id }),
      onSnapshot: () => {
        throw new Error('nothing was missed for good: no snapshot is needed');
      },
    });
  let display = follow();
  return {
    storeId,
    heard,
    sleep: () => display.close(),
    wake: () => {
      display = follow();
    },
    close: () => display.close(),
  };
}
