import { AsyncLocalStorage } from 'node:async_hooks';
import type { World } from './world.ts';

/** A process of the gateway, as far as it matters here: what it had in memory is lost when it crashes. */
export interface SimulatedProcess {
  name: string;
  isDead: boolean;
}

/** A piece of work of a process: a request, a job, a round of the relay. */
export interface Task {
  name: string;
  process: SimulatedProcess;
  world: World;
  /** How many steps it has taken, so that each has a name of its own. */
  steps: number;
}

const running = new AsyncLocalStorage<Task>();

/** The task whose code is running. Undefined: it is none of a world, and everything is real. */
export const currentTask = (): Task | undefined => running.getStore();

export const runAs = <T>(task: Task, work: () => T): T => running.run(task, work);

/** Runs work that belongs to no task: its statements are real, and take no virtual time. */
export const outsideTasks = <T>(work: () => T): T => running.exit(work);

/** The name of the next step of a task. */
export const nextStepOf = (task: Task): string => `${task.name} · ${++task.steps}`;

/** Whether its process has crashed, or its world is over. */
export const hasEnded = ({ process, world }: Task): boolean => process.isDead || world.isOver;
