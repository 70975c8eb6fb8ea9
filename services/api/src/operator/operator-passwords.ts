import { createHmac, randomBytes } from 'node:crypto';
import { type Clock, ErrorWithoutStack, isPasswordOf, type OperatorUser } from '@gateway/shared/runtime';
import { createFairQueue, LaneFull } from './fair-queue.ts';
import type { LockOut } from './lock-out.ts';

const cacheMs = 60_000; // Bull Board sends a request every few seconds, and a hash costs 0.2 s
const cacheSize = 100; // verified credentials
const seats = 20; // for each lane: the last one of a lane waits for some seconds
const busyShare = 0.3; // of one processor: a hash takes it whole, and tills need it

/** Too many wrong passwords for this name from this address, or too many checks at the same time. */
export class LockedOut extends ErrorWithoutStack {
  override readonly name = 'LockedOut';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many wrong passwords');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface OperatorPasswords {
  /**
   * The operator with these credentials (`name:password`), or null. Passwords are hashed one at a time and with pauses, so that
   * the thread pool of Node.js and the processors stay free for other requests. Each name has seats of its own in that queue, the addresses from which it was admitted before have
   * others, and all unknown names together have as many as one name: guesses keep no operator out.
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
  const inProgress = new Map<string, Promise<boolean>>();
  const queued = createFairQueue({ seats, busyShare });
  // Looked up by a keyed hash, so that the time of a lookup shows nothing about a password.
  const keyOf = (...parts: string[]) => createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64');

  /** One hash for the same credentials at the same time: an operator's page sends several requests at once. */
  function isCorrect(user: OperatorUser, credentials: string, lane: string): Promise<boolean> {
    const key = keyOf(credentials);
    const password = credentials.slice(credentials.indexOf(':') + 1);
    const start = () => queued(lane, () => isPasswordOf(user, password)).finally(() => inProgress.delete(key));
    const hash = inProgress.get(key) ?? start();
    inProgress.set(key, hash);
    return hash;
  }

  async function verify(credentials: string, address: string): Promise<OperatorUser | null> {
    const [name = ''] = credentials.split(':', 1);
    const user = users.find((each) => each.name === name) ?? null;
    const login = { name: user?.name ?? null, address };
    const { waitSeconds, isKnown } = await lockOut.take(login);
    if (waitSeconds !== null) throw new LockedOut(waitSeconds);
    const lane = JSON.stringify([login.name, user !== null && isKnown]);
    // For an unknown name a password is hashed too, so that the time of the answer does not show which names exist.
    if (!(await isCorrect(user ?? users[0], credentials, lane)) || !user) return null;
    await lockOut.admit(login);
    return user;
  }

  return {
    check: async (credentials, address) => {
      const key = keyOf(credentials, address);
      const found = verified.get(key);
      if (found && found.until > clock.now().getTime()) return found.user;
      const user = await verify(credentials, address).catch((error) => {
        throw error instanceof LaneFull ? new LockedOut(1) : error;
      });
      if (user) {
        if (verified.size >= cacheSize) verified.clear();
        verified.set(key, { user, until: clock.now().getTime() + cacheMs });
      }
      return user;
    },
  };
}
