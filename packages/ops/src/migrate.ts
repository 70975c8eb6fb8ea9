import { migrateAll } from './migrate-command.ts';
import { main } from './program.ts';

await main('migrate', [migrateAll]);
