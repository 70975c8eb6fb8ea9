import type pg from 'pg';
import type { GatedConnections, RoundTrip } from './gated-database.ts';
import { allHaveStopped } from './virtual-time.ts';

/** A connection whose statements may wait for a lock. */
export interface LockingClient {
  /** Of its PostgreSQL backend. */
  pid: number;
  deliver(trip: RoundTrip, results: Promise<unknown>[]): Promise<void>;
}

/** A round trip that waits for a lock of another transaction. */
interface BlockedTrip {
  client: LockingClient;
  trip: RoundTrip;
  results: Promise<unknown>[];
  timeLimit: object;
}

/** Which round trips wait for locks, in all connections to one database. */
export class LockRegistry {
  readonly all: GatedConnections[] = [];
  readonly #admin: pg.PoolClient;
  #blocked: BlockedTrip[] = [];

  constructor(admin: pg.PoolClient) {
    this.#admin = admin;
  }

  /** @returns false when the statements wait for a lock that another transaction holds */
  async isFinished(client: LockingClient, results: Promise<unknown>[]): Promise<boolean> {
    const finished = Promise.allSettled(results);
    const mayBlock = this.all.some((connections) => connections.isAnotherInTransaction(client));
    if (!mayBlock) {
      await finished;
      return true;
    }
    let isFinished = false;
    void finished.then(() => {
      isFinished = true;
    });
    for (;;) {
      await allHaveStopped();
      if (isFinished) return true;
      const { rowCount } = await this.#admin.query({ ...waitsForLock, values: [client.pid] });
      if (rowCount !== 0 && !isFinished) return false;
    }
  }

  close(): void {
    this.#admin.release();
  }

  wait(blocked: BlockedTrip): void {
    this.#blocked.push(blocked);
  }

  /** A transaction has ended: continues what waited for it. */
  async continueBlocked(): Promise<void> {
    for (const blocked of [...this.#blocked]) {
      if (!this.#blocked.includes(blocked) || !(await this.isFinished(blocked.client, blocked.results))) continue;
      await this.#continue(blocked);
    }
  }

  async #continue(blocked: BlockedTrip): Promise<void> {
    this.#blocked = this.#blocked.filter((each) => each !== blocked);
    blocked.trip.task.world.time.cancel(blocked.timeLimit);
    await blocked.client.deliver(blocked.trip, blocked.results);
  }

  /** The lock did not become free in time: the statement fails as PostgreSQL's `lock_timeout` makes it fail. */
  async giveUp(client: LockingClient): Promise<void> {
    const blocked = this.#blocked.find((each) => each.client === client);
    if (!blocked) return;
    await this.cancel(client, blocked.results);
    await this.#continue(blocked);
  }

  async cancel(client: LockingClient, results: Promise<unknown>[]): Promise<void> {
    await this.#admin.query({ text: 'select pg_cancel_backend($1)', values: [client.pid] });
    await Promise.allSettled(results);
  }

  /** The client's process has ended. */
  async forget(client: LockingClient): Promise<void> {
    const blocked = this.#blocked.find((each) => each.client === client);
    this.#blocked = this.#blocked.filter((each) => each.client !== client);
    if (!blocked) return;
    blocked.trip.task.world.time.cancel(blocked.timeLimit);
    await this.cancel(client, blocked.results);
  }
}

const waitsForLock = {
  name: 'world-waits-for-lock',
  text: `select from pg_locks where pid = $1 and not granted and locktype in ('transactionid', 'tuple', 'virtualxid', 'advisory')`,
};
