import path from 'node:path';
import { eventually } from '@gateway/testing/eventually';
import type { TestStack } from '@gateway/testing/stack/test-stack';

/** In megabytes: what a process uses after its garbage was collected, and what it has of the system. */
export interface Memory {
  needed: number;
  resident: number;
}

export const measuredApi = path.join(import.meta.dirname, 'measured-api.ts');

/** @returns a function that measures the api of a stack whose program is `measuredApi` */
export function memoryMeter(stack: TestStack): () => Promise<Memory> {
  let count = 0;
  return async () => {
    const line = new RegExp(`^memory ${++count} (.*)$`, 'm');
    process.kill(stack.pids('api')[0] as number, 'SIGUSR2');
    const { heapUsed, external, rss } = JSON.parse(await eventually(() => line.exec(stack.log('api'))?.[1])) as NodeJS.MemoryUsage;
    return { needed: Math.round((heapUsed + external) / 2 ** 20), resident: Math.round(rss / 2 ** 20) };
  };
}
