import { manualClock, systemClock } from '@gateway/shared/runtime';
import { eventually } from '../../../testing/eventually.ts';
import { anEvent, aWorld, drain, tell, type World } from '../test/world.ts';
import { createUpkeep, startUpkeep } from './upkeep.ts';

const day = 86_400_000;

let world: World;
beforeEach(async () => {
  world = await aWorld();
});
afterEach(() => world.close());

const inDays = (days: number) => manualClock(new Date(Date.now() + days * day));
const said = (part: string) => world.lines.filter(({ msg }) => msg.includes(part)).map(({ table }) => table);
const today = () => `outbox_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;

describe('upkeep', () => {
  it('drops what is over and says so, and what is not done with stays and is said too', async () => {
    const { db, key, log } = world;
    await tell(db, [anEvent(await world.store())]);
    const upkeep = createUpkeep({ database: { key, db }, clock: inDays(30), log });
    await upkeep.runOnce();
    expect(said('was dropped')).not.toContain(today());
    expect(said('could not be dropped')).toEqual([today()]);
    await drain(world.relay());
    await upkeep.runOnce();
    expect(said('was dropped')).toContain(today());
  });

  it('may run twice at once', async () => {
    const { db, key, log } = world;
    const upkeep = createUpkeep({ database: { key, db }, clock: inDays(30), log });
    await Promise.all([upkeep.runOnce(), upkeep.runOnce()]);
    await upkeep.runOnce();
    expect(new Set(said('was dropped')).size).toBe(said('was dropped').length);
  });

  it('runs when the process starts', async () => {
    const { db, key, log } = world;
    const deps = { database: { key, db }, clock: systemClock, log };
    let runs = 0;
    const timer = startUpkeep({ runOnce: async () => void runs++ }, deps);
    await eventually(() => runs === 1);
    await timer.close();
  });

  it('drops nothing on the word of a clock that is wrong by days', async () => {
    const { db, key, log } = world;
    let runs = 0;
    const timer = startUpkeep({ runOnce: async () => void runs++ }, { database: { key, db }, clock: inDays(30), log });
    await eventually(() => said('upkeep of the database was not finished').length === 1);
    await timer.close();
    expect(runs).toBe(0);
  });
});
