import { createDueFloor } from './due-floor.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 3) + seconds * 1_000);
const beginning = new Date(0);

describe('from where a sweep looks', () => {
  it('is the beginning, at first and for as long as no round has come to its end', () => {
    const floor = createDueFloor();
    expect([floor.at(at(0)), floor.at(at(1))]).toEqual([beginning, beginning]);
  });

  it('is then thirty seconds behind the last round: what was written meanwhile may have come to light late', () => {
    const floor = createDueFloor();
    floor.at(at(0));
    floor.swept(at(0));
    expect(floor.at(at(1))).toEqual(at(-30));
    floor.swept(at(1));
    expect(floor.at(at(20))).toEqual(at(-29)); // nineteen seconds of rounds that failed
  });

  it('is the beginning again every minute', () => {
    const floor = createDueFloor();
    floor.at(at(0));
    for (let second = 0; second < 60; second++) floor.swept(at(second));
    expect(floor.at(at(60))).toEqual(beginning);
    expect(floor.at(at(61))).toEqual(at(29));
  });
});
