// The api of the local stack: the product's routes, and the demo's routes beside them.
import { startApi } from '@gateway/api';
import { startProcess } from '@gateway/shared/runtime';
import { readSimulatorUrl } from './config.ts';
import { demoRoutes } from './routes.ts';

await startProcess(async () => {
  const simulatorUrl = readSimulatorUrl(process.env);
  await startApi(simulatorUrl ? { extraRoutes: demoRoutes(simulatorUrl) } : {});
});
