import { manualClock } from '@gateway/shared/runtime';
import { createFloor, ground } from './outbox-floor.ts';

const nothing = { id: null, turn: null };

describe('the floor', () => {
  const clock = manualClock();

  it('rises behind what is told, for turns at once', () => {
    const floor = createFloor(clock);
    floor.told(7);
    floor.told(5);
    expect(floor.current).toEqual({ id: 0, turn: 7 });
  });

  it('rises for ids only when every transaction that may hold a lower one has ended', () => {
    const floor = createFloor(clock);
    floor.looked({ lowest: nothing, reached: { id: 100, turn: 90 } });
    clock.advance(29_999);
    floor.looked({ lowest: nothing, reached: { id: 200, turn: 190 } });
    expect(floor.current).toEqual(ground);
    clock.advance(1);
    floor.looked({ lowest: nothing, reached: { id: 300, turn: 290 } });
    expect(floor.current).toEqual({ id: 100, turn: 90 });
  });

  it('stays below what still waits', () => {
    const floor = createFloor(clock);
    floor.looked({ lowest: nothing, reached: { id: 100, turn: 90 } });
    clock.advance(30_000);
    floor.looked({ lowest: { id: 40, turn: 30 }, reached: { id: 200, turn: 190 } });
    expect(floor.current).toEqual({ id: 39, turn: 29 });
  });

  it('comes down to what appears below it', () => {
    const floor = createFloor(clock);
    floor.told(50);
    floor.looked({ lowest: { id: null, turn: 20 }, reached: { id: 60, turn: 50 } });
    expect(floor.current).toEqual({ id: 0, turn: 19 });
  });

  it('begins again at the ground after trouble', () => {
    const floor = createFloor(clock);
    floor.told(50);
    floor.reset();
    expect(floor.current).toEqual(ground);
  });
});
