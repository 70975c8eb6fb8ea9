import { auditCommand } from './audit-command.ts';
import { discrepancyCommands } from './discrepancy-commands.ts';
import { holdCommands } from './hold-commands.ts';
import { hostWriteCommands } from './host-write-commands.ts';
import { parkedCommands } from './parked-commands.ts';
import { main } from './program.ts';
import { refundCommands } from './refund-commands.ts';
import { routeCommand } from './route-command.ts';
import { webhookCommands } from './webhook-commands.ts';

await main('ops', [
  ...holdCommands,
  ...webhookCommands,
  ...discrepancyCommands,
  ...parkedCommands,
  ...hostWriteCommands,
  ...refundCommands,
  auditCommand,
  routeCommand,
]);
