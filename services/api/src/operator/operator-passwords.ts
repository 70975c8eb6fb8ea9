import { createHmac, randomBytes } from 'node:crypto';
import { type Clock, isPasswordOf, type OperatorUser } from '@gateway/shared/runtime';
import type { LockOut } from './lock-out.ts';

const cacheMs = 60_000; // Bull Board sends a request every few seconds, and a hash costs 0.2 s
const cacheSize = 100; // verified credentials
const maxPending = 20; // checks: at 0.2 s each, the last one waits for four seconds

/** Too many wrong passwords from this address, or too many checks at the same time. */
export class LockedOut extends Error {
  override readonly name = 'LockedOut';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many wrong passwords');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface OperatorPasswords {
  /**
   * The operator with these credentials (`name:password`), or null. Passwords are hashed one at a time. So of many guesses
   * at once from one address only ten are hashed, and the thread pool of Node.js stays free for other requests.
   * @throws LockedOut
   */
  check(credentials: string, address: string): Promise<OperatorUser | null>;
}

export function createOperatorPasswords(
  users: readonly [OperatorUser, ...OperatorUser[]],
  { lockOut, clock }: { lockOut: LockOut; clock: Clock },
): OperatorPasswords {
  const secret = randomBytes(32);
  const verified = new Map<string, { user: OperatorUser; until: number }>();
  // Looked up by a keyed hash, so that the time of a lookup shows nothing about a password.
  const keyOf = (credentials: string) => createHmac('sha256', secret).update(credentials).digest('base64');
  let tail: Promise<unknown> = Promise.resolve();
  let pending = 0;

  function refuseLockedOut(address: string): void {
    const retryAfterSeconds = lockOut.waitOf(address);
    if (retryAfterSeconds !== null) throw new LockedOut(retryAfterSeconds);
  }

  function findVerified(credentials: string): OperatorUser | null {
    const found = verified.get(keyOf(credentials));
    return found && found.until > clock.now().getTime() ? found.user : null;
  }

  async function verifyPassword(credentials: string): Promise<OperatorUser | null> {
    const [name = ''] = credentials.split(':', 1);
    const user = users.find((each) => each.name === name);
    // For an unknown name a password is hashed too, so that the time of the answer does not show which names exist.
    const isCorrect = await isPasswordOf(user ?? users[0], credentials.slice(name.length + 1));
    if (!user || !isCorrect) return null;
    if (verified.size >= cacheSize) verified.clear();
    verified.set(keyOf(credentials), { user, until: clock.now().getTime() + cacheMs });
    return user;
  }

  async function verifyNext(credentials: string, address: string): Promise<OperatorUser | null> {
    refuseLockedOut(address);
    const user = findVerified(credentials) ?? (await verifyPassword(credentials));
    if (!user) lockOut.recordFailure(address);
    return user;
  }

  return {
    check: async (credentials, address) => {
      refuseLockedOut(address);
      const user = findVerified(credentials);
      if (user) return user;
      if (pending >= maxPending) throw new LockedOut(1);
      pending++;
      const result = tail.then(() => verifyNext(credentials, address)).finally(() => pending--);
      tail = result.catch(() => {});
      return result;
    },
  };
}
