import { main } from './cli.ts';
import { keyCommands } from './commands/key-commands.ts';

await main('keys', keyCommands);
