import { problemOf } from '@gateway/api/src/http/problem.ts';
import { createStoreRegistry, type StoreRegistry } from '@gateway/api/src/payments/store-registry.ts';
import { receiveWebhook } from '@gateway/api/src/webhooks/receive-webhook.ts';
import { isConnectionLoss, isTransient } from '@gateway/shared/postgres';
import { fixedAccounts, ProviderError } from '@gateway/shared/provider';
import { type Enqueue, type Handlers, runJob } from '@gateway/shared/queue';
import { createRelay, type Relay } from '@gateway/testing/relay/relay-fixture';
import { type Job, jobFor } from '@gateway/worker/src/sweep/due-job.ts';
import type { Request, Response } from 'express';
import type { Lane } from './lane.ts';
import { ProviderBook } from './provider-book.ts';
import { outsideTasks, type SimulatedProcess } from './tasks.ts';
import { createWebhookSender, type Webhook } from './webhooks.ts';
import { createWorker } from './worker.ts';
import type { World } from './world.ts';

const stalledMs = 7_000; // BullMQ gives a job of a worker that died to another one after this long
const sweepTickMs = 500;
const relayTickMs = 250;

/** The gateway of one world: the product's own code in three simulated processes, which a crash replaces by new ones. */
export class Gateway {
  readonly world: World;
  readonly lane: Lane;
  readonly book: ProviderBook;
  api: SimulatedProcess = { name: 'api', isDead: false };
  worker: SimulatedProcess = { name: 'worker', isDead: false };
  notifier: SimulatedProcess = { name: 'notifier', isDead: false };
  stores: StoreRegistry;
  /** Called with each payment that the worker sends to the api that waits for it. */
  onReply: (payment: { id: string }) => void = () => {};
  #handlers: Handlers;
  #relays: Relay[];
  #receive: (req: Request, res: Response) => unknown;
  /** Jobs in the queue. */
  readonly #queue = {};
  readonly #activeJobs = new Map<Job, SimulatedProcess>();
  #sweepPlan: { step: object; atMs: number } | null = null;
  #isSweepOutdated = false;
  #isRelayPlanned = false;

  constructor(world: World, lane: Lane) {
    this.world = world;
    this.lane = lane;
    this.book = new ProviderBook(world);
    this.book.onChange = createWebhookSender(world, (name, webhook) => this.#post(name, webhook));
    this.stores = lane.stores;
    this.#handlers = createWorker(this);
    this.#relays = [this.#newRelay()];
    this.#receive = this.#newReceiver();
    world.onCrash = (process) => this.#replace(process);
  }

  async #replace(process: SimulatedProcess): Promise<void> {
    await this.lane.connections.abandon(process);
    if (process === this.api) {
      this.api = { name: 'api', isDead: false };
      this.stores = createStoreRegistry(this.lane.db, this.world.time);
      this.#receive = this.#newReceiver();
    } else if (process === this.worker) {
      this.worker = { name: 'worker', isDead: false };
      this.#handlers = createWorker(this);
      this.#sweepPlan = null;
      for (const [job, owner] of this.#activeJobs) if (owner === process) this.#redeliver(job);
      this.#isSweepOutdated = true;
    } else if (process === this.notifier) {
      this.notifier = { name: 'notifier', isDead: false };
      this.#relays = [this.#newRelay()];
      this.#isRelayPlanned = false;
      this.#planRelay(relayTickMs);
    }
  }

  #redeliver(job: Job): void {
    this.#activeJobs.delete(job);
    const name = `${this.nameOf(job)} of the crashed worker`;
    this.world.time.after(this.world.duration(name, stalledMs, 20_000), name, () => this.#run(job), { owner: this.#queue });
  }

  nameOf({ name, payload }: Job): string {
    const { paymentId, no, inboxId, refundId, hostWriteId, leaseNo } = payload as Record<string, unknown>;
    const [kind, id] = paymentId
      ? ['payment', paymentId]
      : inboxId
        ? ['webhook row', inboxId]
        : refundId
          ? ['refund', refundId]
          : ['host write', hostWriteId];
    return `${name} of ${this.world.alias(kind as string, id)}${no ? ` attempt ${no}` : ''} lease ${leaseNo}`;
  }

  /** The queue, as both the api and the worker add to it. */
  readonly enqueue: Enqueue = async (name, payload) => {
    const job = { name, payload } as Job;
    const { world } = this;
    const label = world.unique(this.nameOf(job));
    if (world.fails(`${label} refused`, 0.03, `The queue does not accept "${label}".`)) return false;
    if (world.fails(`${label} lost`, 0.03, `The queue loses "${label}".`)) return true;
    const add = (delayMs: number, as: string) => world.time.after(delayMs, as, () => this.#run(job), { owner: this.#queue });
    add(world.duration(`${label} waits`, 0.5, 8), `start ${label}`);
    if (world.fails(`${label} repeated`, 0.04, `The queue delivers "${label}" twice.`))
      add(world.duration(`${label} waits again`, 0.5, 500), `start ${label} again`);
    return true;
  };

  #run(job: Job): void {
    const { world, worker: process } = this;
    const name = world.unique(this.nameOf(job));
    this.#activeJobs.set(job, process);
    const run = () => runJob(job.name, job.payload, this.#handlers, this.lane.log);
    void world
      .start(name, process, run)
      .catch((error) => this.noteError(name, error))
      .finally(() => {
        this.#activeJobs.delete(job);
        this.#isSweepOutdated = true;
      });
  }

  /** An error that is part of the rules fails a job, and its row is claimed again. Any other one is a fault of the product. */
  noteError(name: string, error: unknown): void {
    if (isTransient(error) || isConnectionLoss(error) || error instanceof ProviderError) return;
    this.world.errors.push(`${name} failed: ${(error as Error).stack ?? String(error)}`);
  }

  /** Rows may have new deadlines. */
  deadlinesChanged(): void {
    this.#isSweepOutdated = true;
  }

  /**
   * Plans the next sweep for when a row is due, as soon as nothing else happens for a while. The product looks twice a second, which finds
   * the row at most that much later.
   */
  async planSweep(): Promise<void> {
    const { isCalm, time: schedule } = this.world;
    if (isCalm || !this.#isSweepOutdated || schedule.isBusyUntil(schedule.nowMs + sweepTickMs)) return;
    this.#isSweepOutdated = false;
    this.#planSweepAt(await outsideTasks(() => this.lane.nextDeadline()));
  }

  #planSweepAt(at: Date | null): void {
    if (!at || this.world.isCalm) return;
    const { time } = this.world;
    const delayMs = Math.max(0, at.getTime() - time.nowMs);
    const name = `sweep for ${Math.round(at.getTime() - time.startMs)}`;
    const atMs = time.nowMs + delayMs + this.world.draws.between(name, 1, sweepTickMs);
    if (this.#sweepPlan && this.#sweepPlan.atMs <= atMs && this.#sweepPlan.atMs >= time.nowMs) return;
    if (this.#sweepPlan) time.cancel(this.#sweepPlan.step);
    const step = time.after(atMs - time.nowMs, 'sweep', () => this.sweep(), { owner: this.worker });
    this.#sweepPlan = { step, atMs };
  }

  /** Claims all due rows, and adds their jobs. */
  async sweep(): Promise<void> {
    this.#sweepPlan = null;
    const { world, worker: process } = this;
    const name = world.unique('sweep');
    const { dueRows, next } = await outsideTasks(() => this.lane.claimDue(world.time.now()));
    if (world.fails(`${name} crash`, 0.01, 'The worker crashes after it has claimed due rows.')) return world.crash(process);
    const jobs = dueRows.map(jobFor).sort((a, b) => this.nameOf(a).localeCompare(this.nameOf(b)));
    for (const job of jobs) if (!(await this.enqueue(job.name as 'charge', job.payload as never))) this.#run(job); // without the queue it runs here
    if (jobs.length === 0 && !this.#isSweepOutdated) this.#planSweepAt(next);
  }

  #newRelay(): Relay {
    const { lane, world } = this;
    return createRelay({
      database: { key: lane.key, db: lane.db },
      redis: lane.redis.client(),
      clock: world.time,
      log: lane.log,
      metrics: lane.relayMetrics,
    });
  }

  /** The worker's signal that the outbox has new events. It may be lost: the relay also looks without it. */
  wakeRelay(): void {
    const name = this.world.unique('wake-up');
    const isLost = this.world.fails(`${name} lost`, 0.05, `${name} of the relay is lost.`);
    this.#planRelay(isLost ? relayTickMs : this.world.duration(name, 0.3, 3));
  }

  #planRelay(delayMs: number): void {
    if (this.#isRelayPlanned) return;
    this.#isRelayPlanned = true;
    const { world, notifier: process } = this;
    const isDouble = world.fails(`${world.unique('second notifier')} runs`, 0.03, 'A second notifier relays at the same time.');
    const relays = isDouble ? [this.#relays[0] as Relay, this.#newRelay()] : this.#relays;
    const round = () => {
      this.#isRelayPlanned = false;
      for (const relay of relays) void this.#relay(relay, process);
    };
    world.time.after(delayMs, 'relay', round, { owner: process });
  }

  async #relay(relay: Relay, process: SimulatedProcess): Promise<void> {
    const { world } = this;
    const name = world.unique('relay');
    const round = async () => {
      while ((await relay.runOnce()).hasMore);
      if (world.isCalm) await relay.markPublished(); // otherwise the next round marks what this one published
    };
    await world.start(name, process, round).catch((error) => {
      if ((error as Error).name !== 'PublishFailed') this.noteError(name, error);
      this.#planRelay(relayTickMs);
    });
  }

  /** Relays what is left, when everything is calm. */
  relayNow(): void {
    this.#planRelay(0);
  }

  /** Redis is emptied: jobs that wait, and what relays remember there. */
  async flushRedis(): Promise<void> {
    this.world.time.cancelOf(this.#queue);
    await this.lane.redis.flush();
    this.#isSweepOutdated = true;
  }

  #newReceiver() {
    const { lane, world } = this;
    return receiveWebhook({
      hosts: lane.hosts,
      controlDb: lane.db,
      accounts: fixedAccounts(lane.accounts),
      enqueue: (name, payload) => this.enqueue(name, payload),
      webhookCounter: lane.webhookCounter,
      noteRefused: () => {},
      refreshControl: async () => {},
      clock: world.time,
    }) as (req: Request, res: Response) => unknown;
  }

  async #post(name: string, { provider, body, headers }: Webhook): Promise<number | null> {
    const { api: process } = this;
    const get = (header: string) => headers[header.toLowerCase()];
    const req = { body, headers, params: { provider }, path: `/webhooks/${provider}`, ip: '203.0.113.9', get } as unknown as Request;
    const res = { json: () => {} } as unknown as Response;
    const task = this.world
      .start(name, process, async () => this.#receive(req, res))
      .then(
        () => 200,
        (error) => statusOf(error, (unexpected) => this.noteError(name, unexpected)),
      );
    const answer = await this.#unlessCrashed(process, task);
    this.#isSweepOutdated = true;
    return answer;
  }

  /** Null: the process crashed before it answered. */
  async #unlessCrashed<T>(process: SimulatedProcess, task: Promise<T>): Promise<T | null> {
    const { time } = this.world;
    return new Promise((resolve) => {
      const timeLimit = time.after(15_000, 'time limit of a webhook', () => resolve(null), { isWeak: true });
      void task.then((answer) => {
        time.cancel(timeLimit);
        if (!process.isDead) resolve(answer);
      });
    });
  }
}

function statusOf(error: unknown, onUnexpected: (error: unknown) => void): number {
  const { code } = problemOf(error);
  if (code === 'internal') onUnexpected(error);
  return code === 'internal' ? 500 : 400;
}
