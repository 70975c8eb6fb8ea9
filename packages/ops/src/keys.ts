import { main } from './cli.ts';
import { keyCommands } from './commands.ts';

await main('keys', keyCommands);
