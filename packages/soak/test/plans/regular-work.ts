import { audit } from '@gateway/operations/audit';
import { inTransaction } from '@gateway/shared/postgres';
import { plusMs } from '@gateway/shared/runtime';
import { due } from '@gateway/shared/store';
import { startApiHarness } from '@gateway/testing/api/api-harness';
import { startPosHost } from '@gateway/testing/pos/pos-host';
import { runRelay } from '@gateway/testing/relay/event-fixtures';
import { commitEvents, eventFixture, insertStore } from '@gateway/testing/relay/relay-fixture';
import { tillAt } from '@gateway/testing/stack/till';
import pg from 'pg';
import type { FilledDatabase } from './filled-databases.ts';
import { pastTenant } from './past-payments.ts';

const hour = 3_600_000;

/** Work that is done again and again. `prepare` makes what one run uses up. */
export interface Work {
  prepare?: () => Promise<unknown>;
  run: () => Promise<unknown>;
}

/** The regular work on one database. Its cost must not follow the number of past payments. */
export interface RegularWork {
  client: pg.Client;
  work: Readonly<Record<'sweep' | 'relay' | 'list' | 'timeline' | 'audit', Work>>;
  close(): Promise<void>;
}

export async function regularWorkOn(database: FilledDatabase): Promise<RegularWork> {
  const client = new pg.Client(database.url);
  await client.connect();
  const api = await startApiHarness({ database: { ...database, drop: async () => {} } });
  const pos = await startPosHost(database.serveUrl);
  const till = tillAt(api.url, (await api.keyFor({ tenant: pastTenant })).secret);
  const { rows } = await client.query<{ id: string }>(
    `select id from gateway.payments where tenant = $1 and status = 'paid' and client_id = 'cli_load' order by id desc limit 1`,
    [pastTenant],
  );
  const paymentId = rows[0]?.id ?? '';
  const store = await insertStore(api.db);
  const ok = async (path: string) => {
    api.clock.advance(1_000); // so that no rate limit is reached
    const { status } = await till.request('GET', `/transaction/payments${path}`);
    if (status !== 200) throw new Error(`GET ${path} was answered ${status}`);
  };
  return {
    client,
    work: {
      // The fifty payments on display are due in this round; the claim is rolled back, so that each round finds them.
      sweep: {
        run: () =>
          inTransaction(pos.db, async (trx) => {
            await due.claim(trx, { now: plusMs(new Date(), 4 * hour), limit: 200, aheadMs: 4_000 });
            await trx.rollback();
          }),
      },
      relay: { prepare: () => commitEvents(api.db, [eventFixture(store)]), run: () => runRelay(pos.db, api.redis) },
      list: {
        run: async () => {
          // So short that the smallest database fills each page, too.
          for (const query of [
            'limit=30',
            'limit=30&status=paid',
            'limit=4&store_id=S-3',
            'limit=8&status=expired&from=2020-01-01T00:00:00Z',
          ])
            await ok(`?${query}`);
        },
      },
      timeline: { run: () => ok(`/${paymentId}/timeline`) },
      audit: {
        run: async () => {
          const now = new Date();
          const { findings } = await audit({ db: pos.db.pool, hosts: [pos.host], readCharges: null, now, since: plusMs(now, -24 * hour) });
          if (findings.length > 0)
            throw new Error(`the audit of ${database.payments} payments has findings: ${JSON.stringify(findings.slice(0, 5))}`);
        },
      },
    },
    close: async () => {
      await api.close();
      await pos.close();
      await client.end();
    },
  };
}
