import { getPriority, setPriority } from 'node:os';
import type { Logger } from '@gateway/shared/runtime';

const niceness = 5; // a third of the weight of a process with the usual 0

/**
 * Lets an api process on the same machine go first when processors are scarce: a till that must be refused is then told so at once, however
 * busy the worker is. It changes nothing while a processor is idle, and nothing between containers that have their own shares.
 */
export function lowerPriority(log: Pick<Logger, 'warn'>): void {
  try {
    if (getPriority() < niceness) setPriority(niceness);
  } catch (error) {
    log.warn({ err: error }, 'the priority of the process could not be lowered'); // a sandbox may forbid it
  }
}
