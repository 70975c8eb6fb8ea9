import { main } from './cli.ts';
import { triggerCommand } from './developer/trigger-command.ts';

await main('trigger', [triggerCommand]);
