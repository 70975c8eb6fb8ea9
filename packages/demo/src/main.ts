// The api of the local stack: the product's own routes, and the demo's beside them.
import { startApi } from '@gateway/api';
import { environment, readEnvironment, startProcess } from '@gateway/shared/runtime';
import { z } from 'zod';
import { demoRoutes } from './routes.ts';

const schema = z.looseObject({ LOCAL_STACK: environment.flag(), SIMULATOR_URL: environment.url('http').optional() });

await startProcess(async () => {
  const { LOCAL_STACK, SIMULATOR_URL } = readEnvironment(schema, process.env);
  await startApi(LOCAL_STACK && SIMULATOR_URL ? { extraRoutes: demoRoutes(SIMULATOR_URL) } : {});
});
