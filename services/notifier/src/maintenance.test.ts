import { manualClock, systemClock } from '@gateway/shared/runtime';
import { trustCallersClock } from '@gateway/testing/database/trust-callers-clock';
import { eventually } from '@gateway/testing/eventually';
import { commitEvents, drain, eventFixture, type RelayFixture, startRelayFixture } from '@gateway/testing/relay/relay-fixture';
import { createMaintenance, startMaintenance } from './maintenance.ts';

const day = 86_400_000;

let fixture: RelayFixture;
beforeEach(async () => {
  fixture = await startRelayFixture();
  await trustCallersClock(fixture.db);
});
afterEach(() => fixture.close());

const inDays = (days: number) => manualClock(new Date(Date.now() + days * day));
const loggedTables = (part: string) => fixture.lines.filter(({ msg }) => msg.includes(part)).map(({ table }) => table);
const today = () => `outbox_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;

describe('maintenance', () => {
  it('drops an expired partition and logs it, and keeps and logs one that has unpublished events', async () => {
    const { db, key, log } = fixture;
    await commitEvents(db, [eventFixture(await fixture.store())]);
    const maintenance = createMaintenance({ database: { key, db }, clock: inDays(30), log });
    await maintenance.runOnce();
    expect(loggedTables('expired partition dropped')).not.toContain(today());
    expect(loggedTables('expired partition not dropped')).toEqual([today()]);
    await drain(fixture.createRelay());
    await maintenance.runOnce();
    expect(loggedTables('expired partition dropped')).toContain(today());
  });

  it('drops each partition once when two processes run it at the same time', async () => {
    const { db, key, log } = fixture;
    const maintenance = createMaintenance({ database: { key, db }, clock: inDays(30), log });
    await Promise.all([maintenance.runOnce(), maintenance.runOnce()]);
    await maintenance.runOnce();
    expect(new Set(loggedTables('expired partition dropped')).size).toBe(loggedTables('expired partition dropped').length);
  });

  it('runs as soon as the process starts', async () => {
    const { db, key, log } = fixture;
    const deps = { database: { key, db }, clock: systemClock, log };
    let runs = 0;
    const timer = startMaintenance({ runOnce: async () => void runs++ }, deps);
    await eventually(() => runs === 1);
    await timer.close();
  });

  it('does not run while the process clock is wrong by days', async () => {
    const { db, key, log } = fixture;
    let runs = 0;
    const timer = startMaintenance({ runOnce: async () => void runs++ }, { database: { key, db }, clock: inDays(30), log });
    await eventually(() => loggedTables('maintenance failed').length === 1);
    await timer.close();
    expect(runs).toBe(0);
  });
});
