// A program: runs the `ops` commands that it is told, one after the other, as an operator's terminal on another machine does.

import { accountCommands } from '../../../ops/src/commands/account-commands.ts';
import { storeCommands } from '../../../ops/src/commands/store-commands.ts';
import { runCommand } from '../../../ops/test/run-command.ts';

/** One command, what is piped into it, and its environment. */
export interface Typed {
  line: string;
  input: unknown;
  environment: NodeJS.ProcessEnv;
}

process.once('disconnect', () => process.exit());
process.on('message', async ({ line, input, environment }: Typed) => {
  const output = await runCommand([...accountCommands, ...storeCommands], line.split(' '), environment, JSON.stringify(input));
  process.send?.(output);
});
