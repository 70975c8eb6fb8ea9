import { lastPublishedKey } from '@gateway/testing/relay/relay-fixture';
import type { Redis } from 'ioredis';
import { currentTask, nextStepOf, type Task } from './tasks.ts';

/** The commands that the relay sends, by their names at the client. */
const commands = ['evalsha', 'eval', 'hgetall'] as const;

/** What a screen received: the numbers and ids of events, in order. */
export interface ScreenMessage {
  seq: number;
  id: string;
}

/** A real Redis for the relays of one world after the other, and a subscriber that stands for the screens of its store. */
export class RelayRedis {
  readonly received: ScreenMessage[] = [];
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #database: string;

  constructor(redis: Redis, subscriber: Redis, database: string) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    this.#database = database;
    subscriber.on('message', (_channel: string, body: string) => {
      const { seq, event_id: id } = JSON.parse(body) as { seq: number; event_id: string };
      this.received.push({ seq, id });
    });
  }

  /** The client as relays use it. A command may be lost, or its answer. */
  client(): Redis {
    const gated = Object.fromEntries(commands.map((command) => [command, (...args: unknown[]) => this.#send(command, args)]));
    return gated as unknown as Redis;
  }

  /** Redis loses what it has in memory. */
  async flush(): Promise<void> {
    await this.#redis.del(lastPublishedKey(this.#database));
  }

  async begin(): Promise<void> {
    await this.flush();
    this.received.length = 0;
  }

  #send(command: (typeof commands)[number], args: unknown[]): Promise<unknown> {
    const task = currentTask() as Task;
    const { world } = task;
    const step = `${nextStepOf(task)} ${command}`;
    return new Promise((resolve, reject) => {
      const carryOut = async (): Promise<void> => {
        if (world.fails(`${step} lost`, 0.01, `Redis never receives "${step}".`)) return reject(new Error('Connection is closed.'));
        try {
          const answer = await (this.#redis[command] as (...args: unknown[]) => Promise<unknown>)(...args);
          if (command !== 'hgetall') await this.#subscriber.ping(); // what was published has arrived before its answer
          if (world.fails(`${step} answer lost`, 0.01, `Redis carries out "${step}", and its answer is lost.`))
            reject(new Error('Connection is closed.'));
          else resolve(answer);
        } catch (error) {
          reject(error);
        }
      };
      world.time.after(world.duration(step, 0.2, 2), step, carryOut, { owner: task.process });
    });
  }
}
