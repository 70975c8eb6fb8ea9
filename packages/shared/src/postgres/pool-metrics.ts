import { Gauge, type Registry } from '@prometheus-io/client';

interface PooledDatabase {
  /** The environment variable that holds its URL. */
  database: string;
  db: { pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number } };
}

/** Registers the gauges of the connection pools. @param databases returns the current databases; called at every scrape */
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
