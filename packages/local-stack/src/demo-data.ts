import { databaseEnvironment, databasesOf, migrateUrlsOf } from '@gateway/shared/postgres';
import { EnvironmentError, environment, readEnvironment, startProcess } from '@gateway/shared/runtime';
import { z } from 'zod';
import { databasesOfOthers, loadDemo } from './demo-orders.ts';

const closed = 'must be 1: demo orders and publicly known keys must not be loaded where money is real';

const notOurs = "the demo's containers did not create this database, so demo orders and demo keys must not be written into it";

const schema = z.looseObject({
  ...databaseEnvironment,
  POS_DATABASE_URL: environment.databaseUrl(),
  ERP_DATABASE_URL: environment.databaseUrl(),
  LOCAL_STACK: z.literal('1', closed),
});

// Loads the demo data when the services run in containers. May run twice: existing rows are kept.
await startProcess(async () => {
  const config = readEnvironment(schema, process.env);
  const owners = migrateUrlsOf(config); // who may create tables; the URLs of the services may not
  const { hosts, control: servedControl } = databasesOf(config);
  const control = owners.CONTROL_DATABASE_URL ?? servedControl;
  const servedTill = hosts.TILL_DATABASE_URL as string;
  const databases = {
    pos: owners.POS_DATABASE_URL ?? config.POS_DATABASE_URL,
    erp: owners.ERP_DATABASE_URL ?? config.ERP_DATABASE_URL,
    till: owners.TILL_DATABASE_URL ?? (servedTill === servedControl ? control : servedTill), // without a database of its own
    control,
  };
  const others = await databasesOfOthers(databases);
  if (others.length > 0) throw new EnvironmentError(others.map((name) => `${name.toUpperCase()}_DATABASE_URL: ${notOurs}`));
  await loadDemo(databases);
});
