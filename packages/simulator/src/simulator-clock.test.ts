import { SimulatorClock } from './simulator-clock.ts';

describe("the simulator's clock", () => {
  it('starts as the real time', () => {
    expect(Math.abs(new SimulatorClock().now() - Date.now())).toBeLessThan(1_000);
  });

  it('does on a jump what fell due on the way, each at its own time', () => {
    const clock = new SimulatorClock(0);
    const start = clock.now();
    const happened: [string, number][] = [];
    clock.at(start + 3_000, () => happened.push(['late', clock.now() - start]));
    clock.at(start + 1_000, () => {
      happened.push(['early', clock.now() - start]);
      clock.at(start + 2_000, () => happened.push(['follow-up', clock.now() - start]));
    });
    clock.advance(2_500);
    expect(happened).toEqual([
      ['early', 1_000],
      ['follow-up', 2_000],
    ]);
    expect(clock.now() - start).toBe(2_500);
    clock.advance(500);
    expect(happened.at(-1)).toEqual(['late', 3_000]);
  });

  it('crosses a day in a moment when it runs fast', async () => {
    const clock = new SimulatorClock(10_000_000);
    const start = clock.now();
    await new Promise<void>((resolve) => clock.at(start + 86_400_000, resolve));
    expect(clock.now() - start).toBeGreaterThanOrEqual(86_400_000);
  });

  it('wakes for what is near although it slept for what is far', async () => {
    const clock = new SimulatorClock();
    clock.at(clock.now() + 3_600_000, () => {});
    await new Promise<void>((resolve) => clock.at(clock.now() + 1, resolve));
  });

  it('forgets what was called off, and everything when it is cleared', () => {
    const clock = new SimulatorClock(0);
    const happened: string[] = [];
    clock.at(clock.now() + 1, () => happened.push('called off')).cancel();
    clock.at(clock.now() + 1, () => happened.push('cleared'));
    clock.clear();
    clock.advance(10);
    expect(happened).toEqual([]);
  });

  it('keeps its time when its speed changes, and never goes back', () => {
    const clock = new SimulatorClock(0);
    clock.advance(5_000);
    const before = clock.now();
    clock.setSpeed(1_000);
    clock.setSpeed(0);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.speed).toBe(0);
  });
});
