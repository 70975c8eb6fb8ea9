import { main } from './cli.ts';
import { accountCommands } from './commands/account-commands.ts';
import { auditCommand } from './commands/audit-command.ts';
import { discrepancyCommands } from './commands/discrepancy-commands.ts';
import { holdCommands } from './commands/hold-commands.ts';
import { hostWriteCommands } from './commands/host-write-commands.ts';
import { parkedCommands } from './commands/parked-commands.ts';
import { proveCommand } from './commands/prove-command.ts';
import { refundCommands } from './commands/refund-commands.ts';
import { routeCommand } from './commands/route-command.ts';
import { storeCommands } from './commands/store-commands.ts';
import { webhookCommands } from './commands/webhook-commands.ts';

await main('ops', [
  ...holdCommands,
  ...webhookCommands,
  ...discrepancyCommands,
  ...parkedCommands,
  ...hostWriteCommands,
  ...refundCommands,
  ...storeCommands,
  ...accountCommands,
  proveCommand,
  auditCommand,
  routeCommand,
]);
