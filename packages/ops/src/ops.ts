import { main } from './cli.ts';
import { opsCommands } from './commands.ts';

await main('ops', opsCommands);
