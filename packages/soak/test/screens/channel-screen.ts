import { Redis } from 'ioredis';
import type { Heard, Screen } from './a-screen.ts';

export interface ChannelScreen extends Screen {
  /** How many it heard on the channel itself; the others it read. */
  readonly live: number;
}

/** A screen on Redis Pub/Sub, as docs/screens.md says: whoever has just subscribed, or sees a number jump, reads what it missed. */
export function channelScreen(where: { redisUrl: string; api: string; key: string; storeId: string }): ChannelScreen {
  const { storeId } = where;
  const heard: Heard[] = [];
  let live = 0;
  let work: Promise<unknown> = Promise.resolve();
  let redis = connect();

  const last = (): number => heard.at(-1)?.seq ?? 0;

  const take = ({ seq, event_id }: Heard): boolean => seq === last() + 1 && heard.push({ seq, event_id }) > 0;

  async function readMissed(): Promise<void> {
    for (;;) {
      const address = `${where.api}/stores/${storeId}/events?after=${last()}&limit=1000`;
      const answer = await fetch(address, { headers: { authorization: `Bearer ${where.key}` } });
      if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
      const { events } = (await answer.json()) as { events: Heard[] };
      if (events.length === 0) return;
      for (const event of events) take(event);
    }
  }

  async function hear(event: Heard): Promise<void> {
    if (event.seq > last() + 1) await readMissed();
    if (take(event)) live += 1;
  }

  function connect(): Redis {
    const connection = new Redis(where.redisUrl, { autoResubscribe: false, retryStrategy: () => 100 });
    /** One thing after the other. What fails is done again: a new connection begins with what was missed. */
    const then = (job: () => Promise<void>): void => {
      work = work.then(job).catch(() => connection.status === 'ready' && connection.disconnect(true));
    };
    connection.on('error', () => {}); // it comes back by itself
    connection.on('message', (_channel, text: string) => then(() => hear(JSON.parse(text) as Heard)));
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
    heard,
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
