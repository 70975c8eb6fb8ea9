// A program: runs the `ops` commands that it is told, one after the other, as an operator's terminal on another machine does.

import { opsCommands } from '../../../ops/src/commands.ts';
import { runCommand } from '../../../ops/test/run-command.ts';

/** One command, what is piped into it, and its environment. */
export interface Typed {
  line: string;
  input: unknown;
  environment: NodeJS.ProcessEnv;
}

process.once('disconnect', () => process.exit());
process.on('message', async ({ line, input, environment }: Typed) => {
  const output = await runCommand(opsCommands, line.split(' '), environment, JSON.stringify(input));
  process.send?.(output);
});
