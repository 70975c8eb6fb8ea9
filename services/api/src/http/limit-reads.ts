import type { Clock } from '@gateway/shared/runtime';
import type { clients } from '@gateway/shared/store';
import type { Request, RequestHandler } from 'express';
import { clientOf } from './authenticate-client.ts';
import { createRateLimiter, type Rate, takeOrRefuse } from './rate-limiter.ts';

interface ReadRates {
  key: Rate;
  /** Left out where a request names no store. */
  store?: Rate;
  tenant: Rate;
}

/**
 * How often the routes are read that cost more than one row, in one process. All screens of a tenant may open their streams at once, as
 * they do after a restart.
 */
const readRates = {
  events: { key: { perSecond: 50, burst: 200 }, store: { perSecond: 10, burst: 60 }, tenant: { perSecond: 100, burst: 400 } },
  streams: { key: { perSecond: 100, burst: 2_000 }, store: { perSecond: 20, burst: 300 }, tenant: { perSecond: 200, burst: 2_500 } },
  snapshot: { key: { perSecond: 20, burst: 100 }, store: { perSecond: 5, burst: 40 }, tenant: { perSecond: 40, burst: 200 } },
  qr: { key: { perSecond: 50, burst: 200 }, store: { perSecond: 10, burst: 60 }, tenant: { perSecond: 100, burst: 400 } },
  payments: { key: { perSecond: 50, burst: 300 }, tenant: { perSecond: 100, burst: 400 } },
  webhooks: { key: { perSecond: 10, burst: 100 }, tenant: { perSecond: 20, burst: 200 } },
  orders: { key: { perSecond: 50, burst: 300 }, tenant: { perSecond: 100, burst: 400 } },
  checks: { key: { perSecond: 50, burst: 200 }, tenant: { perSecond: 100, burst: 400 } },
} as const satisfies Record<string, ReadRates>;

export type ReadKind = keyof typeof readRates;

/** Whose reads are counted. `key` is the id of the client, or the address when a signed link stands for a key. */
export type ReaderNames = Partial<Record<keyof ReadRates, string>>;

/** Counts one read by each of the names. @throws Problem `rate_limited` */
export type LimitReads = (kind: ReadKind, names: ReaderNames) => void;

export function createReadLimits(clock: Clock): LimitReads {
  const limiters = new Map(
    Object.entries(readRates).map(([kind, rates]) => [
      kind,
      Object.entries(rates).map(([by, rate]: [string, Rate]) => ({
        by: by as keyof ReadRates,
        limiter: createRateLimiter(rate, clock),
        detail: `At most ${rate.perSecond} such requests a second of one ${by}. Wait, then try again.`,
      })),
    ]),
  );
  return (kind, names) => {
    for (const { by, limiter, detail } of limiters.get(kind) ?? []) {
      const name = names[by];
      if (name !== undefined) takeOrRefuse(limiter, name, detail);
    }
  };
}

type Owner = Pick<clients.Client, 'host' | 'tenant'>;
const tenantName = ({ host, tenant }: Owner): string => `${host} ${tenant}`;

/** A store is named within its tenant, so that requests of other tenants for its id do not use up its limit. */
export const storeNames = (owner: Owner, storeId: string) => ({ store: `${tenantName(owner)} ${storeId}`, tenant: tenantName(owner) });

/** Limits a route that reads the rows of a whole tenant. */
export const limitTenantReads =
  (limit: LimitReads, kind: ReadKind): RequestHandler =>
  (_req, res, next) => {
    const client = clientOf(res);
    limit(kind, { key: client.id, tenant: tenantName(client) });
    next();
  };

/** Limits a route of one store. The store's id may be any text here: a wrong one is refused later. */
export const limitStoreReads =
  (limit: LimitReads, kind: ReadKind | ((req: Request) => ReadKind)): RequestHandler =>
  (req, res, next) => {
    const client = clientOf(res);
    limit(typeof kind === 'string' ? kind : kind(req), { key: client.id, ...storeNames(client, String(req.params.storeId)) });
    next();
  };
