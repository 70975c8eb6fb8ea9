import { execFileSync } from 'node:child_process';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { loadHosts } from '@gateway/testing/database/template';
import { eventually } from '@gateway/testing/eventually';
import { hasHaproxy } from '@gateway/testing/haproxy';
import { type Fleet, startFleet, thisCheckout } from './rolling/fleet.ts';
import { checkOut } from './rolling/release.ts';
import { openPlainTills } from './rolling/trade.ts';
import { settledFindings } from './settled-findings.ts';

/** `npm run soak:rolling -- --restarts 10 --tills 10`; the upgrade begins `--from=COMMIT`, else at the last release. Only by this command. */
const restarts = Number(process.env.SOAK_RESTARTS ?? 0);
const tills = Number(process.env.SOAK_TILLS ?? 10);
const name = 'behind HAProxy, with the probes of deploy/kubernetes';
const describeInFull = restarts > 0 && hasHaproxy(name) ? describe : describe.skip;
jest.setTimeout(300_000 + restarts * 120_000);

describeInFull(name, () => {
  let fleet: Fleet | null = null;
  afterEach(async () => {
    await fleet?.stop();
    fleet = null;
  });

  it(`${restarts} rolling restarts: no create fails although no till repeats one, and nothing is lost or doubled`, async () => {
    fleet = await startFleet(thisCheckout, await freshDatabase());
    await sellWhile('rolling restarts', fleet, async ({ roll }) => {
      for (let n = 0; n < restarts; n++) await roll(thisCheckout);
    });
  });

  it('an upgrade from the last release: migrated while its processes serve, then rolled, no create fails and nothing is lost', async () => {
    const release = checkOut(process.env.SOAK_FROM);
    try {
      fleet = await startFleet(release.dir, await databaseOf(release.dir));
      await sellWhile(`upgrade from ${release.commit.slice(0, 7)}`, fleet, async ({ roll, variables }) => {
        migrateFrom(thisCheckout, variables);
        await roll(thisCheckout);
      });
    } finally {
      release.remove();
    }
  });
});

/** Sells while `work` runs. Then every sale must become paid, and the audit must find nothing. */
async function sellWhile(what: string, fleet: Fleet, work: (fleet: Fleet) => Promise<void>): Promise<void> {
  const trade = openPlainTills(fleet, tills);
  await eventually(() => trade.sold.size >= 2 * tills, 60_000);
  const startedAt = performance.now();
  await work(fleet);
  const seconds = (performance.now() - startedAt) / 1_000;
  const before = trade.sold.size;
  await eventually(() => trade.sold.size >= before + 2 * tills, 60_000);
  await trade.close();
  const isPaid = async (id: string) => (await fleet.till.get(id)).body.status === 'paid';
  for (const id of trade.sold.keys()) await eventually(() => isPaid(id), 60_000);
  const findings = await settledFindings(fleet);
  process.stdout.write(
    `| ${what} | ${seconds.toFixed(0)} s | ${trade.sold.size} sold | ${trade.failed.length} creates failed | ${findings.length} lost or doubled |\n`,
  );
  expect({ failed: trade.failed, findings }).toEqual({ failed: [], findings: [] });
}

/** A database as this checkout makes it, with the demo's orders of both reference hosts. */
async function databaseOf(checkout: string): Promise<TestDatabase> {
  const database = await freshDatabase(null);
  migrateFrom(checkout, { POS_DATABASE_URL: database.serveUrl, ERP_DATABASE_URL: database.serveUrl });
  await loadHosts(database.url);
  return database;
}

/** As the Job `migrate` does: with the users who own the databases. */
function migrateFrom(checkout: string, variables: Record<string, string>): void {
  const owner = new URL(variables.POS_DATABASE_URL ?? '');
  owner.username = 'postgres';
  execFileSync(process.execPath, ['--conditions=source', 'packages/ops/src/migrate.ts'], {
    cwd: checkout,
    env: {
      PATH: process.env.PATH,
      ...variables,
      POS_MIGRATE_URL: owner.href,
      ERP_MIGRATE_URL: owner.href,
      CONTROL_MIGRATE_URL: owner.href,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
