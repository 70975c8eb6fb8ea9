import { environment, readEnvironment } from '@gateway/shared/runtime';
import { z } from 'zod';

const schema = z.looseObject({ LOCAL_STACK: environment.flag(), SIMULATOR_URL: environment.url('http').optional() });

/**
 * Address of the simulator, or null: then the process has the product's routes only. Both variables must be set, so that the
 * demo is closed by default. `startApi` refuses LOCAL_STACK=1 together with a live provider.
 * @throws EnvironmentError naming every wrong variable
 */
export function readSimulatorUrl(variables: NodeJS.ProcessEnv): string | null {
  const { LOCAL_STACK, SIMULATOR_URL } = readEnvironment(schema, variables);
  return LOCAL_STACK && SIMULATOR_URL ? SIMULATOR_URL : null;
}
