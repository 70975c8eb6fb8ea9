import { z } from 'zod';
import { type Random, seededRandom } from './random.ts';

const probability = z.number().min(0).max(1);
const oneDayMs = 86_400_000;

/** How the webhooks of one provider reach its merchants. Probabilities from 0 to 1, delays in real milliseconds. */
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

/** How one copy of a webhook is delivered. */
export interface DeliveryPlan {
  delayMs: number;
  /** The copy carries an invalid signature or token. */
  hasInvalidSignature: boolean;
}

/** Decides how each webhook is delivered. The same seed and the same order of webhooks give the same decisions. */
export class DeliveryRules {
  #settings = deliverySettings.parse({});
  #random: Random = seededRandom(this.#settings.seed);

  get settings(): DeliverySettings {
    return this.#settings;
  }

  get random(): Random {
    return this.#random;
  }

  /** Replaces the settings, and restarts the random numbers from their seed. */
  set(settings: DeliverySettings): void {
    this.#settings = settings;
    this.#random = seededRandom(settings.seed);
  }

  /** One plan for each copy that is delivered; none when the webhook is dropped. */
  plans(): DeliveryPlan[] {
    // Every number is drawn every time, so that changing one rule does not change the draws of the others.
    const [dropDraw, duplicateDraw] = [this.#random(), this.#random()];
    const plans = [this.#plan(), this.#plan()];
    if (dropDraw < this.#settings.drop) return [];
    return duplicateDraw < this.#settings.duplicate ? plans : plans.slice(0, 1);
  }

  #plan(): DeliveryPlan {
    const [min, max] = this.#settings.delay_ms;
    const delayMs = min + this.#random() * (max - min);
    return { delayMs, hasInvalidSignature: this.#random() < this.#settings.bad_signature };
  }
}
