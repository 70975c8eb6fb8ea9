import { sealedSecret } from '@gateway/shared/runtime';
import { webhookEndpoints } from '@gateway/shared/store';
import { CommandError } from './command-error.ts';
import type { OperationsContext } from './operations-context.ts';
import { joined } from './words.ts';

/** Seals the secrets of all webhook endpoints again. May run twice. @returns how many endpoints were changed @throws CommandError */
export async function resealEndpoints(context: OperationsContext, masterKeys: sealedSecret.MasterKeys): Promise<number> {
  const again = (id: string, sealed: string) => sealedSecret.reseal(masterKeys, webhookEndpoints.sealedRow(id), sealed);
  const { rows: counts, errors } = await context.inEveryDatabase(async (db) => [await webhookEndpoints.resealSecrets(db, again)]);
  if (errors.length > 0) throw new CommandError(joined(errors, '. '));
  return counts.reduce((total, count) => total + count, 0);
}
