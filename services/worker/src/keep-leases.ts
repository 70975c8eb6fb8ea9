import type { Hosts } from '@gateway/shared/host';
import type { Handlers, JobName, JobPayload } from '@gateway/shared/queue';
import type { Clock } from '@gateway/shared/runtime';
import { due } from '@gateway/shared/store';

interface KeepLeasesDeps {
  hosts: Pick<Hosts, 'byId'>;
  clock: Clock;
}

export interface KeepLeasesOptions {
  /** How often a lease is renewed, milliseconds. Default: three times while it lasts, so that two renewals may fail. */
  everyMs?: number;
}

/** The row whose lease each job holds. A missing name does not compile. */
const leasedRows: { readonly [Name in JobName]: (payload: JobPayload<Name>) => due.LeasedRow } = {
  charge: ({ paymentId: id, leaseNo }) => ({ kind: 'charge', id, leaseNo }),
  'check-payment': ({ paymentId: id, leaseNo }) => ({ kind: 'payment', id, leaseNo }),
  'expire-payment': ({ paymentId: id, leaseNo }) => ({ kind: 'payment', id, leaseNo }),
  'cancel-payment': ({ paymentId: id, leaseNo }) => ({ kind: 'payment', id, leaseNo }),
  'resolve-attempt': ({ paymentId: id, no, leaseNo }) => ({ kind: 'attempt', id, no, leaseNo }),
  'verify-webhook': ({ inboxId: id, leaseNo }) => ({ kind: 'webhook', id, leaseNo }),
  refund: ({ refundId: id, leaseNo }) => ({ kind: 'refund', id, leaseNo }),
  'write-host': ({ hostWriteId: id, leaseNo }) => ({ kind: 'host-write', id, leaseNo }),
};

/**
 * The same handlers. While one runs, the lease of its row is renewed, so that no other worker claims the row, however long a provider or
 * a host takes. A worker that dies renews nothing, and its row is claimed again at the end of the lease.
 */
export function keepLeases(handlers: Handlers, deps: KeepLeasesDeps, options: KeepLeasesOptions = {}): Handlers {
  const keeping = (name: JobName) => {
    const handle = handlers[name] as (payload: { host: string }) => Promise<never>;
    const rowOf = leasedRows[name] as (payload: { host: string }) => due.LeasedRow;
    return (payload: { host: string }) =>
      whileRenewing(deps, { hostId: payload.host, row: rowOf(payload), ...options }, () => handle(payload));
  };
  return Object.fromEntries(Object.keys(handlers).map((name) => [name, keeping(name as JobName)])) as unknown as Handlers;
}

/** A failed renewal is ignored: the next one may succeed, and at the end of the lease another worker takes the row. */
async function whileRenewing<T>(
  { hosts, clock }: KeepLeasesDeps,
  { hostId, row, everyMs = due.leaseMs[row.kind] / 3 }: { hostId: string; row: due.LeasedRow; everyMs?: number },
  work: () => Promise<T>,
): Promise<T> {
  let renewal: Promise<void> | null = null;
  const renew = async () => {
    const isOurs = await due.renew(hosts.byId(hostId).db.pool, row, clock.now());
    if (!isOurs) clearInterval(timer);
  };
  const timer = setInterval(() => {
    renewal ??= renew()
      .catch(() => {})
      .finally(() => {
        renewal = null;
      });
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await renewal;
  }
}
