import { stores } from './databases.ts';
import { openEventLoad } from './event-load.ts';
import type { Times } from './percentiles.ts';
import type { Screens } from './screens.ts';

/** How long events take from their commit to a subscriber. */
export interface RelayFigures {
  atOneASecond: Times;
  atTwoHundredASecond: Times;
  /** How many events of one large transaction are published in a second. */
  eventsPerSecond: number;
}

/** Appends events as the worker does, and receives them as a screen does. The product's notifier must run on this database, and the stores must be registered. */
export async function measureRelay(
  { databaseUrl, redisUrl, screens }: { databaseUrl: string; redisUrl: string; screens: Screens },
  { slowSeconds, fastSeconds, burst }: { slowSeconds: number; fastSeconds: number; burst: number },
): Promise<RelayFigures> {
  const load = openEventLoad({ databaseUrl, redisUrl }, stores);
  const receivedAt = new Map<string, number>();
  screens.onEvent(({ event_id }, at) => receivedAt.set(event_id, at));
  try {
    const warmUp = await load.atRate(receivedAt, { perSecond: 50, seconds: 1 });
    if (warmUp.count === 0) throw new Error('the relay published nothing');
    return {
      atOneASecond: await load.atRate(receivedAt, { perSecond: 1, seconds: slowSeconds }),
      atTwoHundredASecond: await load.atRate(receivedAt, { perSecond: 200, seconds: fastSeconds }),
      eventsPerSecond: await load.inOneBurst(receivedAt, burst),
    };
  } finally {
    screens.onEvent(() => {});
    await load.close();
  }
}
