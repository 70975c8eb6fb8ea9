import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import { ownDir, ownRedis } from '@gateway/testing/database/servers';
import { Redis } from 'ioredis';
import { asUser } from './installation.ts';

/** A Redis with the user `gateway`, who has the rights of `deploy/demo-users.acl`. */
export interface GatewayRedis {
  urlWith(password: string): string;
  /** Writes the passwords of the user into the file of the server, and has the server read it, as the runbook says. */
  setPasswords(as: string, passwords: readonly string[]): Promise<void>;
  /** Whether the server admits the user with this password. */
  admits(password: string): Promise<boolean>;
  stop(): Promise<void>;
}

const demoUsers = readFileSync(path.join(checkoutDir, 'deploy/demo-users.acl'), 'utf8');

/** The users as the shop's file has them. The test kit asks as `default`, which a shop turns off. */
const usersWith = (passwords: readonly string[]): string =>
  demoUsers
    .replace(/#[0-9a-f]{64}/, passwords.map((password) => `#${createHash('sha256').update(password).digest('hex')}`).join(' '))
    .replace('user default off', 'user default on >test');

export async function startGatewayRedis(password: string): Promise<GatewayRedis> {
  const file = `${ownDir('redis-users')}.acl`;
  writeFileSync(file, usersWith([password]));
  const server = await ownRedis({ settings: [`aclfile "${file}"`] });
  const urlWith = (of: string) => asUser(server.url, 'gateway', of);
  const connected = async <Answer>(of: string, ask: (redis: Redis) => Promise<Answer>): Promise<Answer> => {
    const redis = new Redis(urlWith(of), { retryStrategy: () => null, lazyConnect: true });
    redis.on('error', () => {}); // the call rejects with the same error
    try {
      await redis.connect();
      return await ask(redis);
    } finally {
      redis.disconnect();
    }
  };
  return {
    urlWith,
    setPasswords: async (as, passwords) => {
      writeFileSync(file, usersWith(passwords));
      await connected(as, (redis) => redis.call('ACL', 'LOAD'));
    },
    admits: (of) =>
      connected(of, (redis) => redis.ping()).then(
        () => true,
        () => false,
      ),
    stop: () => server.stop(),
  };
}
