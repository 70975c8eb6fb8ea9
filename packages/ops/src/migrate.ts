import { main } from './cli.ts';
import { migrateAll } from './commands/migrate-command.ts';

await main('migrate', [migrateAll]);
