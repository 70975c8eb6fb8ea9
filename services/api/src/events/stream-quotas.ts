import { Problem } from '../http/problem.ts';

/** How many event streams one process serves, and how many of them to one tenant, with one key, and of one store. */
export interface StreamQuotas {
  process: number;
  tenant: number;
  key: number;
  store: number;
}

/** One stream takes about 40 kB. A tenant gets half of a process, so that another tenant's screens find room in it. */
export const defaultStreamQuotas: StreamQuotas = { process: 5_000, tenant: 2_500, key: 2_000, store: 250 };

export interface StreamOwner {
  tenant: string;
  key: string;
  store: string;
}

/** Counts the open streams. `enter` returns what to call when the stream ends. @throws Problem `rate_limited` when a quota is used up */
export function createStreamCounts(quotas: StreamQuotas): { enter(owner: StreamOwner): () => void } {
  const open = new Map<string, number>();
  const count = (name: string, by: number): void => {
    const streams = (open.get(name) ?? 0) + by;
    if (streams === 0) open.delete(name);
    else open.set(name, streams);
  };
  return {
    enter: ({ tenant, key, store }) => {
      // A store is counted within its tenant, so that requests of other tenants for its id do not use up its quota.
      const names = { process: 'all', tenant: `tenant ${tenant}`, key: `key ${key}`, store: `store ${tenant} ${store}` };
      for (const quota of ['process', 'tenant', 'key', 'store'] as const) {
        if ((open.get(names[quota]) ?? 0) >= quotas[quota]) throw tooMany(quota, quotas[quota]);
      }
      for (const name of Object.values(names)) count(name, 1);
      return () => {
        for (const name of Object.values(names)) count(name, -1);
      };
    },
  };
}

const tooMany = (quota: keyof StreamQuotas, most: number): Problem =>
  new Problem('rate_limited', `At most ${most} open streams of one ${quota}, in one process. Close some, or try again later.`, {
    retryAfter: 5,
  });
