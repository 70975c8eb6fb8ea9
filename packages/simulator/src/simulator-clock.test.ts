import { SimulatorClock } from './simulator-clock.ts';

describe("the simulator's clock", () => {
  it('starts at the real time', () => {
    expect(Math.abs(new SimulatorClock().now() - Date.now())).toBeLessThan(1_000);
  });

  it('fires the timers that a jump passes, each at its own time', () => {
    const clock = new SimulatorClock(0);
    const start = clock.now();
    const fired: [string, number][] = [];
    clock.at(start + 3_000, () => fired.push(['late', clock.now() - start]));
    clock.at(start + 1_000, () => {
      fired.push(['early', clock.now() - start]);
      clock.at(start + 2_000, () => fired.push(['follow-up', clock.now() - start]));
    });
    clock.advance(2_500);
    expect(fired).toEqual([
      ['early', 1_000],
      ['follow-up', 2_000],
    ]);
    expect(clock.now() - start).toBe(2_500);
    clock.advance(500);
    expect(fired.at(-1)).toEqual(['late', 3_000]);
  });

  it('passes a day in milliseconds at a high speed', async () => {
    const clock = new SimulatorClock(10_000_000);
    const start = clock.now();
    await new Promise<void>((resolve) => clock.at(start + 86_400_000, resolve));
    expect(clock.now() - start).toBeGreaterThanOrEqual(86_400_000);
  });

  it('fires a near timer although a distant one was set before it', async () => {
    const clock = new SimulatorClock();
    clock.at(clock.now() + 3_600_000, () => {});
    await new Promise<void>((resolve) => clock.at(clock.now() + 1, resolve));
  });

  it('fires no cancelled timer, and none that clear() removed', () => {
    const clock = new SimulatorClock(0);
    const fired: string[] = [];
    clock.at(clock.now() + 1, () => fired.push('cancelled')).cancel();
    clock.at(clock.now() + 1, () => fired.push('cleared'));
    clock.clear();
    clock.advance(10);
    expect(fired).toEqual([]);
  });

  it('keeps its time when its speed changes, and never goes backwards', () => {
    const clock = new SimulatorClock(0);
    clock.advance(5_000);
    const before = clock.now();
    clock.setSpeed(1_000);
    clock.setSpeed(0);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.speed).toBe(0);
  });
});
