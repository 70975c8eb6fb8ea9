import { databaseEnvironment, databasesOf } from '@gateway/shared/postgres';
import { environment, readEnvironment, startProcess } from '@gateway/shared/runtime';
import { z } from 'zod';
import { loadDemo } from './demo-orders.ts';

const closed = 'must be 1: demo orders and publicly known keys must not be loaded where money is real';

const schema = z.looseObject({
  ...databaseEnvironment,
  POS_DATABASE_URL: environment.databaseUrl(),
  ERP_DATABASE_URL: environment.databaseUrl(),
  LOCAL_STACK: z.literal('1', closed),
});

// Loads the demo data when the services run in containers. May run twice: existing rows are kept.
await startProcess(async () => {
  const config = readEnvironment(schema, process.env);
  await loadDemo({ pos: config.POS_DATABASE_URL, erp: config.ERP_DATABASE_URL, control: databasesOf(config).control });
});
