import type { Database } from '@gateway/shared/postgres';
import { type MasterKeys, sealedSecret } from '@gateway/shared/runtime';
import { webhookEndpoints } from '@gateway/shared/store';
import { databasesByUrl, type OpsContext, withDatabase } from '../context.ts';

/** Seals the secrets of all webhook endpoints again. May run twice. @returns how many endpoints were changed */
export async function resealEndpoints({ urls }: Pick<OpsContext, 'urls'>, masterKeys: MasterKeys): Promise<number> {
  const again = (id: string, sealed: string) => sealedSecret.reseal(masterKeys, webhookEndpoints.sealedRow(id), sealed);
  const inOne = (db: Database) => webhookEndpoints.resealSecrets(db, again);
  const counts = [];
  for (const url of databasesByUrl(urls).keys()) counts.push(await withDatabase(url, inOne));
  return counts.reduce((total, count) => total + count, 0);
}
