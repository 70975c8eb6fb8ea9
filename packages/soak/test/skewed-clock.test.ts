import { eventually } from '../../../testing/eventually.ts';
import { type House, startHouse } from '../../../testing/house.ts';

let house: House;
beforeAll(async () => {
  house = await startHouse();
}, 60_000);
afterAll(() => house?.stop());

const roles = ['api', 'worker', 'notifier'] as const;
const isReady = async (role: (typeof roles)[number]) => (JSON.parse(await house.ask(role, '/health/ready')) as { ready: boolean }).ready;

/** As if a machine's clock were wrong: for whoever connects from now on, it is five seconds later at the database. */
async function databaseIsAhead(): Promise<void> {
  await house.pos.query(`create schema skewed;
    create function skewed.clock_timestamp() returns timestamptz language sql as $$ select pg_catalog.clock_timestamp() + interval '5 s' $$`);
  const { rows } = await house.pos.query<{ name: string }>('select current_database() as name');
  await house.pos.query(`alter database ${rows[0]?.name} set search_path = skewed, public, pg_catalog`);
  await house.pos.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name like 'gateway %'`,
  );
}

it('a process whose clock is more than two seconds off its database is not ready, and says by how much', async () => {
  for (const role of roles) await eventually(() => isReady(role), 15_000);
  await databaseIsAhead();
  for (const role of roles) {
    await eventually(
      async () => !(await isReady(role)) && /clock is -[45]\d{3} ms ahead/.test(await house.ask(role, '/health/ready')),
      15_000,
    );
  }
});
