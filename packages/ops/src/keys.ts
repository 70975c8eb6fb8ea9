import { keyCommands } from './key-commands.ts';
import { main } from './program.ts';

await main('keys', keyCommands);
