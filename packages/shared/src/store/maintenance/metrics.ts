import type { Registry } from '@prometheus-io/client';
import type { Database, Statement } from '../../postgres/index.ts';
import { type Clock, scrapedGauge } from '../../runtime/index.ts';
import type * as due from '../work/due.ts';
import { readFigure } from './read-figure.ts';

// Each minimum is the first entry of a partial index, so no row is read.
const oldestDue: Statement = {
  name: 'figures-oldest-due',
  text: `select 'payment' as kind, (select min(check_at) from gateway.payments where check_at is not null) as at
    union all select 'attempt', (select min(resolve_at) from gateway.attempts where resolve_at is not null)
    union all select 'webhook', (select min(next_try_at) from gateway.webhook_inbox where next_try_at is not null)
    union all select 'refund', (select min(next_try_at) from gateway.refunds where next_try_at is not null)
    union all select 'host-write', (select min(next_try_at) from gateway.host_writes where next_try_at is not null)`,
};

const openByReason: Statement = {
  name: 'figures-discrepancies',
  text: 'select reason, count(*) as count from gateway.discrepancies where closed_at is null group by reason',
};

const openHostWrites: Statement = {
  name: 'figures-host-writes',
  text: 'select count(*) as count, min(created_at) as since from gateway.host_writes where done_at is null',
};

const waitingApprovals: Statement = {
  name: 'figures-approvals',
  text: 'select min(requested_at) as since from gateway.refund_approvals where decision is null',
};

const lastAudit: Statement = {
  name: 'figures-audit',
  text: 'select broken, finished_at as at from gateway.audit_runs order by id desc limit 1',
};

const parkedWebhooks: Statement = {
  name: 'figures-parked',
  text: `select count(*) as count from (select from gateway.webhook_inbox where verdict = 'parked' limit 10000) parked`,
};

/**
 * Registers gauges of what waits in the databases: due rows for the sweep, discrepancies and parked webhooks for an operator.
 * @param databases called at every scrape, because hosts can be reloaded
 */
export function create(registry: Registry, databases: () => readonly { database: string; db: Database }[], clock: Clock): void {
  scrapedGauge(registry, {
    name: 'gateway_due_oldest_seconds',
    help: 'Age of the oldest due row; more than a few seconds means that no sweep runs',
    labelNames: ['database', 'kind'],
    read: () =>
      databases().map(async ({ database, db }) => {
        const rows = await readFigure<{ kind: due.Due['kind']; at: Date | null }>(db, oldestDue);
        return rows.map(({ kind, at }) => ({
          labels: { database, kind },
          value: at ? Math.max(0, clock.now().getTime() - at.getTime()) / 1_000 : 0,
        }));
      }),
  });
  scrapedGauge(registry, {
    name: 'gateway_discrepancies_open',
    help: 'Open discrepancies, by reason',
    labelNames: ['database', 'reason'],
    read: () =>
      databases().map(async ({ database, db }) => {
        const rows = await readFigure<{ reason: string; count: number }>(db, openByReason);
        return rows.map(({ reason, count }) => ({ labels: { database, reason }, value: count }));
      }),
  });
  const hostWrites = (value: (row: { count: number; since: Date | null }) => number) => () =>
    databases().map(async ({ database, db }) => {
      const [row] = await readFigure<{ count: number; since: Date | null }>(db, openHostWrites);
      return row ? [{ labels: { database }, value: value(row) }] : [];
    });
  scrapedGauge(registry, {
    name: 'gateway_host_writes_waiting',
    help: 'Deferred host writes that the host has not accepted yet',
    labelNames: ['database'],
    read: hostWrites(({ count }) => count),
  });
  scrapedGauge(registry, {
    name: 'gateway_host_writes_oldest_seconds',
    help: 'Age of the oldest deferred host write; more than a few minutes means that the host refuses to answer, and the kitchen waits',
    labelNames: ['database'],
    read: hostWrites(({ since }) => (since ? Math.max(0, clock.now().getTime() - since.getTime()) / 1_000 : 0)),
  });
  createApprovalGauge(registry, databases, clock);
  createAuditGauges(registry, databases, clock);
  scrapedGauge(registry, {
    name: 'gateway_webhooks_parked',
    help: 'Parked webhooks, counted up to 10,000',
    labelNames: ['database'],
    read: () =>
      databases().map(async ({ database, db }) => {
        const rows = await readFigure<{ count: number }>(db, parkedWebhooks);
        return rows.map(({ count }) => ({ labels: { database }, value: count }));
      }),
  });
}

function createApprovalGauge(registry: Registry, databases: () => readonly { database: string; db: Database }[], clock: Clock): void {
  scrapedGauge(registry, {
    name: 'gateway_refunds_approval_oldest_seconds',
    help: 'Age of the oldest refund that waits for a second person; 0 when none waits',
    labelNames: ['database'],
    read: () =>
      databases().map(async ({ database, db }) => {
        const [row] = await readFigure<{ since: Date | null }>(db, waitingApprovals);
        return [{ labels: { database }, value: row?.since ? Math.max(0, clock.now().getTime() - row.since.getTime()) / 1_000 : 0 }];
      }),
  });
}

function createAuditGauges(registry: Registry, databases: () => readonly { database: string; db: Database }[], clock: Clock): void {
  const ofLastRun = (value: (run: { broken: number; at: Date }) => number) => () =>
    databases().map(async ({ database, db }) => {
      const [run] = await readFigure<{ broken: number; at: Date }>(db, lastAudit);
      return run ? [{ labels: { database }, value: value(run) }] : [];
    });
  scrapedGauge(registry, {
    name: 'gateway_audit_broken',
    help: 'Findings of the last daily audit that need an operator',
    labelNames: ['database'],
    read: ofLastRun(({ broken }) => broken),
  });
  scrapedGauge(registry, {
    name: 'gateway_audit_age_seconds',
    help: 'Time since the last daily audit ended; none before the first one',
    labelNames: ['database'],
    read: ofLastRun(({ at }) => Math.max(0, clock.now().getTime() - at.getTime()) / 1_000),
  });
}
