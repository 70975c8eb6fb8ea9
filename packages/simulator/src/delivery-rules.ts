import { z } from 'zod';
import { type Random, seededRandom } from './random.ts';

const probability = z.number().min(0).max(1);
const oneDayMs = 86_400_000;

/** How news travels from a provider to its merchant. Probabilities from 0 to 1, delays in real milliseconds. */
export const deliverySettings = z.strictObject({
  drop: probability.default(0),
  duplicate: probability.default(0),
  delay_ms: z
    .tuple([z.number().min(0).max(oneDayMs), z.number().min(0).max(oneDayMs)])
    .refine(([min, max]) => min <= max, 'the first number must not be greater than the second')
    .default([0, 0]),
  shuffle: z.boolean().default(false),
  bad_signature: probability.default(0),
  seed: z.number().int().min(0).max(0xffff_ffff).default(1),
});

export type DeliverySettings = z.output<typeof deliverySettings>;

/** One copy of a piece of news on its way. */
export interface DeliveryPlan {
  delayMs: number;
  /** Signed so that it does not hold. */
  forged: boolean;
}

/** Decides the fate of each piece of news. The same seed and the same order of news give the same fates. */
export class DeliveryRules {
  #settings = deliverySettings.parse({});
  #random: Random = seededRandom(this.#settings.seed);

  get settings(): DeliverySettings {
    return this.#settings;
  }

  get random(): Random {
    return this.#random;
  }

  /** New rules start the dice anew from their seed. */
  set(settings: DeliverySettings): void {
    this.#settings = settings;
    this.#random = seededRandom(settings.seed);
  }

  /** One journey for each copy that arrives; none when the news is lost. */
  plans(): DeliveryPlan[] {
    // Every die is thrown every time, so that one rule does not change the luck of another.
    const [dropDraw, duplicateDraw] = [this.#random(), this.#random()];
    const plans = [this.#plan(), this.#plan()];
    if (dropDraw < this.#settings.drop) return [];
    return duplicateDraw < this.#settings.duplicate ? plans : plans.slice(0, 1);
  }

  #plan(): DeliveryPlan {
    const [min, max] = this.#settings.delay_ms;
    const delayMs = min + this.#random() * (max - min);
    return { delayMs, forged: this.#random() < this.#settings.bad_signature };
  }
}
