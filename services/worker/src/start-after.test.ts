import { connectDatabase } from '@gateway/shared/postgres';
import { settings } from '@gateway/shared/store';
import { freshDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { startAfter } from './start-after.ts';

describe('a worker that starts while the control database is unavailable', () => {
  it('takes no job before it has read the settings of its stores, and takes jobs as soon as it has', async () => {
    const database = await freshDatabase();
    const db = connectDatabase(database.url, { name: 'test' });
    const rename = (from: string, to: string) => db.pool.query(`alter table gateway.${from} rename to ${to}`);
    await rename('holds', 'holds_away');
    const control = await settings.createControlCache(db.knex, { everyMs: 200 });
    const started: (settings.Control | null)[] = [];
    const jobs = startAfter(control.firstCopy, () => {
      started.push(control.current);
      return { close: async () => {} };
    });
    await control.refresh();
    expect([control.lastError?.message, started]).toEqual([expect.stringContaining('holds'), []]);
    await rename('holds_away', 'holds');
    await eventually(() => started.length === 1);
    expect(started[0]?.holds).toEqual([]);
    control.stop();
    await jobs.close();
    await db.close();
    await database.drop();
  });

  it('starts nothing when it was stopped before', async () => {
    const { promise: firstCopy, resolve } = Promise.withResolvers<void>();
    let starts = 0;
    const jobs = startAfter(firstCopy, () => {
      starts++;
      return { close: async () => {} };
    });
    await jobs.close();
    resolve();
    await firstCopy;
    expect(starts).toBe(0);
  });
});
