import { main } from './cli.ts';
import { hostCommands } from './commands/host-commands.ts';

await main('hosts', hostCommands);
