import { Redis } from 'ioredis';
import type { ReceivedEvent, Screen } from './screen.ts';

export interface ChannelScreen extends Screen {
  /** How many events arrived on the channel. The others were read from the api. */
  readonly live: number;
}

/** A screen on Redis Pub/Sub, as docs/screens.md describes it: after subscribing, and after a gap in the numbers, it reads what it missed. */
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
    /** Runs jobs one after the other. After a failure it reconnects, and a new connection reads what was missed. */
    const enqueue = (job: () => Promise<void>): void => {
      work = work.then(job).catch(() => connection.status === 'ready' && connection.disconnect(true));
    };
    connection.on('error', () => {}); // ioredis reconnects automatically
    connection.on('message', (_channel, text: string) => enqueue(() => receive(JSON.parse(text) as ReceivedEvent)));
    connection.on('ready', () =>
      enqueue(async () => {
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
