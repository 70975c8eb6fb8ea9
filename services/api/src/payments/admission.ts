import type { Logger } from '@gateway/shared/runtime';
import type { clients } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';

/**
 * Refuses creates that would wait too long, so that those that are accepted do not. Nothing is refused while creates are made in time,
 * however many there are: a provider that answers slowly keeps many creates in progress and overloads nothing.
 */
export interface Admission {
  /** Refuses as `admit` does, and counts nothing: before the body of the request is read. @throws Problem `rate_limited` */
  refuseEarly(tenant: string): void;
  /** Counts a create of this tenant. @throws Problem `rate_limited` at once, when the process is overloaded and the tenant has its share */
  admit(tenant: string): AdmittedCreate;
}

/** A create in progress. Times are in milliseconds since its request came, without what a provider took: the gateway's own time. */
export interface AdmittedCreate {
  stored(ms: number): void;
  /** @param providerMs what the provider took to make the QR */
  shown(ms: number, providerMs: number): void;
  /** Must be called once, however the request ended. */
  end(): void;
}

const windowMs = 50; // the limit is decided anew this often
const lateMs = { stored: 100, shown: 200 }; // own time of the fastest create of a window: the process, a worker or a database is overloaded
const saturated = 0.98; // this part of a window's time in the event loop leaves none for more
const smallestLimit = 64; // a rush of so many at once is made within half a second, also on the smallest machine
const growth = 1.1; // of the limit, after a window whose creates were made in time
const calmMs = 2_000; // after so long without a refusal nothing is limited, and a tenant does not count as one that floods
const smallestBesideOthers = 32; // of a tenant that floods: as many keep a small machine busy

const overloaded = new Problem(
  'rate_limited',
  'The gateway has more new payments to make than it can make in time. Try again in a second.',
  { retryAfter: 1 },
); // one for all refusals, because making an error costs more than the rest of a refusal

/** The name under which creates are counted. */
export const tenantOf = ({ host, tenant }: Pick<clients.Client, 'host' | 'tenant'>): string => `${host} ${tenant}`;

/** Refuses a create that would wait too long, when nothing but its head has been read. */
export const refuseOverload =
  ({ refuseEarly }: Pick<Admission, 'refuseEarly'>): RequestHandler =>
  (_req, res, next) => {
    refuseEarly(tenantOf(clientOf(res)));
    next();
  };

export interface AdmissionOptions {
  log: Pick<Logger, 'warn'>;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  /** Which part of the time since the last call the event loop was busy, from 0 to 1. A process that waits for a processor is busy, too. */
  utilization?: () => number;
}

export function createAdmission({ log, now = () => performance.now(), utilization = createUtilization() }: AdmissionOptions): Admission {
  const byTenant = new Map<string, number>();
  const refusedAtOf = new Map<string, number>(); // the last refusal of each tenant, while creates are refused
  let inProgress = 0;
  let limit: number | null = null; // null while creates are made in time
  let refusedAt = 0;
  let isReported = false;
  let endedPerMs = 0;
  let usualProviderMs = 0;
  let window = createWindow(now());

  function decide(): void {
    const at = now();
    const passedMs = at - window.startedAt;
    if (passedMs < windowMs) return;
    endedPerMs += Math.min(1, passedMs / 1_000) * (window.ended / passedMs - endedPerMs);
    const isSaturated = utilization() > saturated; // requests that wait in their sockets are not seen otherwise
    if (isSaturated || window.isLate())
      limitTo(endedPerMs * (lateMs.shown + usualProviderMs)); // as many as end in time: more would only wait (Little's law)
    else if (limit !== null) limit = at - refusedAt > calmMs ? null : limit * growth;
    if (limit === null) refusedAtOf.clear();
    window = createWindow(at);
  }

  /**
   * How many creates may be in progress before this tenant is refused. One that floods beside others gets no more than end within half of
   * the time: they wait behind its creates.
   */
  function limitFor(tenant: string, limit: number, tenants: number): number {
    const isFlooding = now() - (refusedAtOf.get(tenant) ?? Number.NEGATIVE_INFINITY) < calmMs;
    if (!isFlooding || tenants === 1) return limit;
    return Math.min(limit, Math.max(smallestBesideOthers, endedPerMs * (lateMs.shown / 2 + usualProviderMs)));
  }

  function limitTo(most: number): void {
    if (limit === null) {
      refusedAt = now();
      isReported = false;
    }
    limit = Math.max(smallestLimit, most);
  }

  function refuseBeyondShare(tenant: string): void {
    if (limit === null) return;
    const own = byTenant.get(tenant) ?? 0;
    const tenants = byTenant.size + (own === 0 ? 1 : 0);
    const most = limitFor(tenant, limit, tenants);
    if (inProgress < most || own < most / tenants) return;
    refusedAt = now();
    refusedAtOf.set(tenant, refusedAt);
    if (!isReported) log.warn({}, 'new payments are made late, and those that would wait too long are refused');
    isReported = true;
    throw overloaded;
  }

  return {
    refuseEarly: (tenant) => {
      decide();
      refuseBeyondShare(tenant);
    },
    admit: (tenant) => {
      decide();
      refuseBeyondShare(tenant);
      inProgress++;
      byTenant.set(tenant, (byTenant.get(tenant) ?? 0) + 1);
      return {
        stored: (ms) => window.add('stored', ms),
        shown: (ms, providerMs) => {
          usualProviderMs += 0.05 * (providerMs - usualProviderMs);
          window.add('shown', ms);
        },
        end: () => {
          window.ended++;
          inProgress--;
          const left = (byTenant.get(tenant) ?? 1) - 1;
          if (left > 0) byTenant.set(tenant, left);
          else byTenant.delete(tenant);
        },
      };
    },
  };
}

/** What is known of the creates of a window. */
function createWindow(startedAt: number) {
  const fastest = { stored: Number.POSITIVE_INFINITY, shown: Number.POSITIVE_INFINITY };
  const isLate = (what: keyof typeof fastest) => Number.isFinite(fastest[what]) && fastest[what] > lateMs[what];
  return {
    startedAt,
    ended: 0,
    add: (what: keyof typeof fastest, ms: number) => {
      fastest[what] = Math.min(fastest[what], ms);
    },
    /** Whether each create of the window was late. Without one, it was not. */
    isLate: () => isLate('stored') || isLate('shown'),
  };
}

function createUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const current = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(current, last);
    last = current;
    return utilization;
  };
}
