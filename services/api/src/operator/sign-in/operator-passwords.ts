import { type Clock, ErrorWithoutStack, isPasswordOf, type OperatorUser } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';
import { createFairQueue, LaneFull } from './fair-queue.ts';
import { createLockOut } from './lock-out.ts';

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

export interface Credentials {
  name: string;
  password: string;
}

export interface OperatorPasswords {
  /**
   * The operator with these credentials, or null. Passwords are hashed one at a time and with pauses, so that the thread pool of Node.js and
   * the processors stay free for other requests. Each name has seats of its own in that queue, the addresses from which it was admitted
   * before have others, and all unknown names together have as many as one name: guesses keep no operator out.
   * @throws LockedOut
   */
  check(credentials: Credentials, address: string): Promise<OperatorUser | null>;
}

/** @param users called at every check; while it is empty, every password is wrong */
export function createOperatorPasswords(users: () => readonly OperatorUser[], redis: Redis, clock: Clock): OperatorPasswords {
  const lockOut = createLockOut(redis, clock);
  const queued = createFairQueue({ seats, busyShare });

  async function verify({ name, password }: Credentials, address: string): Promise<OperatorUser | null> {
    const all = users();
    const user = all.find((each) => each.name === name) ?? null;
    const login = { name: user?.name ?? null, address };
    const { waitSeconds, isKnown } = await lockOut.take(login);
    if (waitSeconds !== null) throw new LockedOut(waitSeconds);
    const lane = JSON.stringify([login.name, user !== null && isKnown]);
    // For an unknown name a password is hashed too, so that the time of the answer does not show which names exist.
    const hashed = user ?? all[0];
    const isCorrect = hashed !== undefined && (await queued(lane, () => isPasswordOf(hashed, password)));
    if (!isCorrect || !user) return null;
    await lockOut.admit(login);
    return user;
  }

  return {
    check: (credentials, address) =>
      verify(credentials, address).catch((error) => {
        throw error instanceof LaneFull ? new LockedOut(1) : error;
      }),
  };
}
