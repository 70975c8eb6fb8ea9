import { seededRandom, shuffled } from './random.ts';
import { Travel, travelRules } from './travel.ts';

const rules = (given: object) => travelRules.parse(given);

function fates(given: object, count: number) {
  const travel = new Travel();
  travel.set(rules(given));
  return Array.from({ length: count }, () => travel.journeys());
}

describe('how news travels', () => {
  it('is straight, single and well signed unless somebody says otherwise', () => {
    expect(fates({}, 3)).toEqual(Array.from({ length: 3 }, () => [{ delayMs: 0, forged: false }]));
  });

  it('is the same bad luck again with the same seed, and another with another', () => {
    const bad = { drop: 0.3, duplicate: 0.3, delay_ms: [0, 1_000], bad_signature: 0.3 };
    expect(fates({ ...bad, seed: 7 }, 100)).toEqual(fates({ ...bad, seed: 7 }, 100));
    expect(fates({ ...bad, seed: 7 }, 100)).not.toEqual(fates({ ...bad, seed: 8 }, 100));
  });

  it('keeps the luck of one rule when another rule changes', () => {
    const lost = (given: object) => fates(given, 200).map((journeys) => journeys.length === 0);
    expect(lost({ drop: 0.5 })).toEqual(lost({ drop: 0.5, delay_ms: [5, 500], bad_signature: 1 }));
  });

  it('loses, doubles and forges about as often as it is told to', () => {
    const share = (given: object, fits: (copies: number, forged: boolean) => boolean) =>
      fates(given, 2_000).filter((journeys) => fits(journeys.length, journeys[0]?.forged ?? false)).length / 2_000;
    expect(share({ drop: 0.2 }, (copies) => copies === 0)).toBeCloseTo(0.2, 1);
    expect(share({ duplicate: 0.2 }, (copies) => copies === 2)).toBeCloseTo(0.2, 1);
    expect(share({ bad_signature: 0.2 }, (_, forged) => forged)).toBeCloseTo(0.2, 1);
    expect(share({ drop: 1 }, (copies) => copies === 0)).toBe(1);
  });

  it('keeps its delays between the two that were given', () => {
    const delays = fates({ delay_ms: [100, 200] }, 200).flatMap((journeys) => journeys.map(({ delayMs }) => delayMs));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...delays)).toBeLessThanOrEqual(200);
  });

  it('is refused when the rules make no sense', () => {
    expect(() => rules({ drop: 2 })).toThrow();
    expect(() => rules({ delay_ms: [5, 1] })).toThrow();
    expect(() => rules({ losses: 1 })).toThrow();
  });
});

describe('a shuffle', () => {
  it('keeps every item, and puts them in another order by its seed', () => {
    const items = Array.from({ length: 8 }, (_, index) => index);
    const mixed = shuffled(items, seededRandom(1));
    expect(mixed).not.toEqual(items);
    expect(mixed.toSorted()).toEqual(items);
    expect(shuffled(items, seededRandom(1))).toEqual(mixed);
  });
});
