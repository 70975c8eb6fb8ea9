import { eventually } from '@gateway/testing/eventually';
import { stack } from './stack.ts';

const services = ['api', 'worker', 'notifier'] as const;
const isReady = async (service: (typeof services)[number]) =>
  (JSON.parse(await stack.fetchMonitor(service, '/health/ready')) as { ready: boolean }).ready;

/** Simulates a wrong machine clock: for new connections the database's clock is five seconds ahead. */
async function databaseIsAhead(): Promise<void> {
  // Every session of the gateway has its own search path, so the function itself is replaced.
  await stack.pos.query(`set allow_system_table_mods = on;
    alter function pg_catalog.clock_timestamp() rename to true_clock_timestamp;
    create function pg_catalog.clock_timestamp() returns timestamptz language sql as $$ select pg_catalog.true_clock_timestamp() + interval '5 s' $$`);
  await stack.pos.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name like 'gateway %'`,
  );
}

it('a process whose clock differs by more than two seconds from its database is not ready, and reports the difference', async () => {
  for (const service of services) await eventually(() => isReady(service));
  await databaseIsAhead();
  for (const service of services) {
    await eventually(
      async () => !(await isReady(service)) && /clock is -[45]\d{3} ms ahead/.test(await stack.fetchMonitor(service, '/health/ready')),
    );
  }
});
