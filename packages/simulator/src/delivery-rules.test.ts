import { DeliveryRules, deliverySettings } from './delivery-rules.ts';
import { seededRandom, shuffled } from './random.ts';

const parseSettings = (settings: object) => deliverySettings.parse(settings);

function drawPlans(settings: object, count: number) {
  const deliveryRules = new DeliveryRules();
  deliveryRules.set(parseSettings(settings));
  return Array.from({ length: count }, () => deliveryRules.plans());
}

describe('the delivery rules', () => {
  it('deliver at once, once and with a valid signature by default', () => {
    expect(drawPlans({}, 3)).toEqual(Array.from({ length: 3 }, () => [{ delayMs: 0, hasInvalidSignature: false }]));
  });

  it('draw the same plans with the same seed, and different plans with another seed', () => {
    const unreliable = { drop: 0.3, duplicate: 0.3, delay_ms: [0, 1_000], bad_signature: 0.3 };
    expect(drawPlans({ ...unreliable, seed: 7 }, 100)).toEqual(drawPlans({ ...unreliable, seed: 7 }, 100));
    expect(drawPlans({ ...unreliable, seed: 7 }, 100)).not.toEqual(drawPlans({ ...unreliable, seed: 8 }, 100));
  });

  it('keep the draws of one rule when another rule changes', () => {
    const droppedOnes = (settings: object) => drawPlans(settings, 200).map((plans) => plans.length === 0);
    expect(droppedOnes({ drop: 0.5 })).toEqual(droppedOnes({ drop: 0.5, delay_ms: [5, 500], bad_signature: 1 }));
  });

  it('drop, duplicate and sign wrongly about as often as configured', () => {
    const share = (settings: object, isMatch: (copies: number, hasInvalidSignature: boolean) => boolean) =>
      drawPlans(settings, 2_000).filter((plans) => isMatch(plans.length, plans[0]?.hasInvalidSignature ?? false)).length / 2_000;
    expect(share({ drop: 0.2 }, (copies) => copies === 0)).toBeCloseTo(0.2, 1);
    expect(share({ duplicate: 0.2 }, (copies) => copies === 2)).toBeCloseTo(0.2, 1);
    expect(share({ bad_signature: 0.2 }, (_, hasInvalidSignature) => hasInvalidSignature)).toBeCloseTo(0.2, 1);
    expect(share({ drop: 1 }, (copies) => copies === 0)).toBe(1);
  });

  it('keep every delay between the two limits', () => {
    const delays = drawPlans({ delay_ms: [100, 200] }, 200).flatMap((plans) => plans.map(({ delayMs }) => delayMs));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...delays)).toBeLessThanOrEqual(200);
  });

  it('are refused when they are invalid', () => {
    expect(() => parseSettings({ drop: 2 })).toThrow();
    expect(() => parseSettings({ delay_ms: [5, 1] })).toThrow();
    expect(() => parseSettings({ losses: 1 })).toThrow();
  });
});

describe('a shuffle', () => {
  it('keeps every item, and its seed decides their order', () => {
    const items = Array.from({ length: 8 }, (_, index) => index);
    const mixed = shuffled(items, seededRandom(1));
    expect(mixed).not.toEqual(items);
    expect(mixed.toSorted()).toEqual(items);
    expect(shuffled(items, seededRandom(1))).toEqual(mixed);
  });
});
