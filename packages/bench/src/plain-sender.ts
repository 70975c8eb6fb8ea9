import { connect, type Socket } from 'node:net';
import { Redis } from 'ioredis';

/**
 * A sender without any promise: it posts each published event once, unsigned, over a connection of its own for each store, and reads no
 * answer. It shows what the same requests cost in this machine when nothing is stored, signed, repeated or kept in order.
 */
const { REDIS_URL = '', RECEIVER_URL = '', STORES = '' } = process.env;
const { hostname, port, host } = new URL(RECEIVER_URL);
const sockets = new Map<string, Socket>();
let isOn = false;

const redis = new Redis(REDIS_URL);
redis.on('message', (channel: string, body: string) => {
  if (!isOn) return;
  const store = channel.slice(channel.lastIndexOf(':') + 1);
  const id = /"event_id": ?"([^"]+)"/.exec(body)?.[1];
  const head = `POST /${store} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nwebhook-id: ${id}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  sockets.get(store)?.write(head + body);
});
await redis.subscribe(...STORES.split(',').map((store) => `order:channel:${store}`));
for (const store of STORES.split(','))
  sockets.set(
    store,
    connect(Number(port), hostname, () => {})
      .setNoDelay(true)
      .resume(),
  );
process.on('message', (message) => {
  isOn = message === 'on';
});
process.once('disconnect', () => process.exit());
process.send?.({ ready: true });
