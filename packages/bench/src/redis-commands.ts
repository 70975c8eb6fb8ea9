import { Redis } from 'ioredis';

/** Commands that Redis was sent, by name; what scripts call is counted apart, as `lua`. */
export interface RedisCommands {
  counted(): Record<string, number>;
  close(): void;
}

/** Redis tells us every command it runs: that costs time, so never measure time beside it. */
export async function countRedisCommands(url: string): Promise<RedisCommands> {
  const redis = new Redis(url);
  const counts: Record<string, number> = {};
  const monitor = await redis.monitor();
  monitor.on('monitor', (_time: string, args: string[], source: string) => {
    const name = source === 'lua' ? 'lua' : (args[0] ?? '').toLowerCase();
    counts[name] = (counts[name] ?? 0) + 1;
  });
  return {
    counted: () => ({ ...counts }),
    close: () => {
      monitor.disconnect();
      redis.disconnect();
    },
  };
}
