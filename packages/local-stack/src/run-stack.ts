import path from 'node:path';
import { EnvironmentError, keepInspectorClosed } from '@gateway/shared/runtime';
import type { Programs } from './processes/service-kinds.ts';
import { type Stack, startStack } from './stack.ts';
import { readStackConfig } from './stack-config.ts';
import { StartError } from './start-error.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** Runs `npm start`. The exit code is 0 after a signal to stop, and 1 when the stack could not start. */
export async function runStack(programs: Programs): Promise<never> {
  keepInspectorClosed();
  process.stdout.on('error', () => {}); // the reader of the output may close its pipe; the stack goes on
  const stopping = stopSignal();
  try {
    const config = readStackConfig(process.env, root);
    const stack = await startStack({ config, environment: process.env, programs, root, print, abort: stopping });
    printSummary(stack, config.DATA_DIR);
    await new Promise((resolve) => (stopping.aborted ? resolve(null) : stopping.addEventListener('abort', resolve)));
    await stack.stop();
  } catch (error) {
    if (!stopping.aborted) {
      process.stderr.write(`${describeError(error)}\n`);
      process.exit(1);
    }
  }
  print('stopped');
  process.exit(0);
}

/** Aborted by the first signal to stop. Further signals change nothing. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping.signal.aborted) print('stopping…');
      stopping.abort();
    });
  }
  // The parent was killed. Exits as if this process had been killed, too: the watchdog then stops everything.
  process.once('disconnect', () => process.exit(1));
  return stopping.signal;
}

function printSummary({ addresses, demoKeys, operator, isOperatorPasswordNew }: Stack, dataDir: string): void {
  const { apiUrl, simulatorUrl, metricsUrls } = addresses;
  const password = isOperatorPasswordNew ? `password ${operator.password}, generated, stored in` : 'password in';
  print('');
  print(`  api        ${apiUrl}`);
  print(`  demo key   ${demoKeys.pos ?? "none: the pos database is a shop's. Make a key with npm run keys -- create"}`);
  if (demoKeys.erp) print(`             ${demoKeys.erp} (an ERP)`);
  if (demoKeys.till) print(`             ${demoKeys.till} (orders by API, stores DPS-01 and DPS-02)`);
  print(`  operator   ${operator.url} (user ${operator.user}, ${password} ${dataDir}/stack.json)`);
  print(`  simulator  ${simulatorUrl}`);
  print(`  metrics    ${Object.values(metricsUrls).flat().join(' ')}`);
  print(`  logs       ${dataDir}/logs`);
  print('');
  print(`ready: ${apiUrl}`);
}

function print(message: string): void {
  process.stdout.write(`${message}\n`);
}

/** Expected failures are shown as their message. Any other error is a bug, so its stack is shown. */
function describeError(error: unknown): string {
  const expected = error instanceof StartError || error instanceof EnvironmentError;
  return expected ? error.message : ((error as Error).stack ?? String(error));
}
