import path from 'node:path';
import { EnvironmentError } from '@gateway/shared/runtime';
import { CannotStart } from './cannot-start.ts';
import type { Programs } from './roles.ts';
import { type Stack, startStack } from './stack.ts';
import { readStackConfig } from './stack-config.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const demoKey = 'sk_test_pos_demo';

/** `npm start` from its first line to its exit code: 0 when it was asked to stop, 1 when it could not start. */
export async function runStack(programs: Programs): Promise<never> {
  process.stdout.on('error', () => {}); // whoever read along has left; the stack has not
  const stopping = stopSignal();
  try {
    const config = readStackConfig(process.env, root);
    const stack = await startStack({ config, environment: process.env, programs, root, say, abort: stopping });
    introduce(stack, config.DATA_DIR);
    await new Promise((asked) => (stopping.aborted ? asked(null) : stopping.addEventListener('abort', asked)));
    await stack.stop();
  } catch (error) {
    if (!stopping.aborted) {
      process.stderr.write(`${sentenceOf(error)}\n`);
      process.exit(1);
    }
  }
  say('stopped');
  process.exit(0);
}

/** The first signal stops us, in order; more of them change nothing. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping.signal.aborted) say('stopping…');
      stopping.abort();
    });
  }
  // Whoever started us was killed outright. That is as if we had been: the warden and the services know what to do.
  process.once('disconnect', () => process.exit(1));
  return stopping.signal;
}

function introduce({ addresses, operator, operatorIsNew }: Stack, dataDir: string): void {
  const { apiUrl, simulatorUrl, metricsUrls } = addresses;
  const password = operatorIsNew ? `password ${operator.password}, made up now and kept in` : 'password in';
  say('');
  say(`  api        ${apiUrl}`);
  say(`  demo key   ${demoKey}`);
  say(`  operator   ${operator.url} (user ${operator.user}, ${password} ${dataDir}/stack.json)`);
  say(`  simulator  ${simulatorUrl}`);
  say(`  metrics    ${Object.values(metricsUrls).flat().join(' ')}`);
  say(`  logs       ${dataDir}/logs`);
  say('');
  say(`ready: ${apiUrl}`);
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

/** What we expect to go wrong is said in a sentence. Anything else is a bug of ours, and its stack is the way to it. */
function sentenceOf(error: unknown): string {
  const expected = error instanceof CannotStart || error instanceof EnvironmentError;
  return expected ? error.message : ((error as Error).stack ?? String(error));
}
