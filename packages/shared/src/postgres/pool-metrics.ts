import { Gauge, type Registry } from '@prometheus-io/client';

interface PooledDatabase {
  /** The environment variable that names it. */
  database: string;
  db: { pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number } };
}

/** @param databases as they are at the moment */
export function createPoolMetrics(registry: Registry, databases: () => readonly PooledDatabase[]): void {
  const common = { registers: [registry] };
  new Gauge({
    ...common,
    name: 'gateway_pool_connections',
    help: 'Database connections, by state',
    labelNames: ['database', 'state'],
    collect() {
      this.reset();
      for (const {
        database,
        db: { pool },
      } of databases()) {
        this.set({ database, state: 'in_use' }, pool.totalCount - pool.idleCount);
        this.set({ database, state: 'idle' }, pool.idleCount);
      }
    },
  });
  new Gauge({
    ...common,
    name: 'gateway_pool_waiting',
    help: 'Callers waiting for a database connection',
    labelNames: ['database'],
    collect() {
      this.reset();
      for (const {
        database,
        db: { pool },
      } of databases())
        this.set({ database }, pool.waitingCount);
    },
  });
}
