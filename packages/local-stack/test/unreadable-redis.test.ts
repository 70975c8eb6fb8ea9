import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type OwnRedis, ownRedis } from '@gateway/testing/database/servers';
import { Redis } from 'ioredis';

let dir: string;
let redis: OwnRedis;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'unreadable-redis-'));
  redis = await ownRedis({ dir, durable: true });
});
afterAll(async () => {
  await redis?.stop();
  rmSync(dir, { recursive: true });
});

/** Half a command in the middle of the file, as a disk leaves it that was full for a moment. */
function spoilAppendOnlyFile(): void {
  const [name = ''] = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((each) => /incr\.aof$|appendonly\.aof$/.test(each));
  const file = path.join(dir, name);
  const content = readFileSync(file);
  writeFileSync(file, Buffer.concat([content.subarray(0, content.length / 2), content]));
}

it('a Redis whose append-only file cannot be read starts empty, and the file is kept beside', async () => {
  const client = new Redis(redis.url);
  for (let n = 0; n < 10; n++) await client.set(`key ${n}`, randomUUID());
  client.disconnect();
  await redis.stop();
  spoilAppendOnlyFile();
  await redis.start();
  const after = new Redis(redis.url);
  expect(await after.dbsize()).toBe(0);
  after.disconnect();
  expect(readdirSync(dir).some((name) => name.includes('unreadable'))).toBe(true);
});
