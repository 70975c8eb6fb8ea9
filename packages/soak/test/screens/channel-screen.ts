import { Redis } from 'ioredis';
import type { ReceivedEvent, Screen } from './screen.ts';

export interface ChannelScreen extends Screen {
  /** How many it heard on the channel itself; the others it read. */
  readonly live: number;
}

/** A screen on Redis Pub/Sub, as docs/screens.md says: whoever has just subscribed, or sees a number jump, reads what it missed. */
export function channelScreen(where: { redisUrl: string; api: string; key: string; storeId: string }): ChannelScreen {
  const { storeId } = where;
  const received: ReceivedEvent[] = [];
  let live = 0;
  let work: Promise<unknown> = Promise.resolve();
  let redis = connect();

  const last = (): number => received.at(-1)?.seq ?? 0;

  const accept = ({ seq, event_id }: ReceivedEvent): boolean => seq === last() + 1 && received.push({ seq, event_id }) > 0;

  async function readMissed(): Promise<void> {
    for (;;) {
      const address = `${where.api}/stores/${storeId}/events?after=${last()}&limit=1000`;
      const response = await fetch(address, { headers: { authorization: `Bearer ${where.key}` } });
      if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
      const { events } = (await response.json()) as { events: ReceivedEvent[] };
      if (events.length === 0) return;
      for (const event of events) accept(event);
    }
  }

  async function receive(event: ReceivedEvent): Promise<void> {
    if (event.seq > last() + 1) await readMissed();
    if (accept(event)) live += 1;
  }

  function connect(): Redis {
    const connection = new Redis(where.redisUrl, { autoResubscribe: false, retryStrategy: () => 100 });
    /** One thing after the other. What fails is done again: a new connection begins with what was missed. */
    const then = (job: () => Promise<void>): void => {
      work = work.then(job).catch(() => connection.status === 'ready' && connection.disconnect(true));
    };
    connection.on('error', () => {}); // it comes back by itself
    connection.on('message', (_channel, text: string) => then(() => receive(JSON.parse(text) as ReceivedEvent)));
    connection.on('ready', () =>
      then(async () => {
        await connection.subscribe(`order:channel:${storeId}`);
        await readMissed();
      }),
    );
    return connection;
  }

  return {
    storeId,
    received,
    get live() {
      return live;
    },
    sleep: () => redis.disconnect(),
    wake: () => {
      redis = connect();
    },
    close: () => redis.disconnect(),
  };
}
