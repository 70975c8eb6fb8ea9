import { hostCommands } from './host-commands.ts';
import { main } from './program.ts';

await main('hosts', hostCommands);
