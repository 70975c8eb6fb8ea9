import { Gauge, type Registry } from 'prom-client';

interface Pooled {
  /** The environment variable that names it. */
  database: string;
  db: { pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number } };
}

/** @param databases as they are at the moment */
export function createPoolMetrics(registry: Registry, databases: () => readonly Pooled[]): void {
  const common = { registers: [registry] };
  new Gauge({
    ...common,
    name: 'gateway_pool_connections',
    help: 'Connections of this process to a database, in use and idle',
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
    help: 'How many callers wait for a connection to a database: more than none means that the pool is too small, or the database slow',
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
