import { failures } from '../../test/provider/contract/failures.ts';
import type { ProviderHarness } from '../../test/provider/contract/harness.ts';
import { life } from '../../test/provider/contract/life.ts';
import { rubbish } from '../../test/provider/contract/rubbish.ts';
import { states } from '../../test/provider/contract/states.ts';

export type { ProviderHarness, StandIn } from '../../test/provider/contract/harness.ts';

/** Holds a provider to every promise of QrisProvider: against its stand-in, and against a server that breaks everything that can break. */
export function describeProvider(harness: ProviderHarness): void {
  describe(`${harness.provider}: a charge’s life`, () => life(harness));
  describe(`${harness.provider}: documented states and refusals`, () => states(harness));
  describe(`${harness.provider}: failures`, () => failures(harness));
  describe(`${harness.provider}: rubbish`, () => rubbish(harness));
}

/** A charge's life once more, at a stand-in that settles otherwise what the provider's documents leave open. */
export function describeLife(harness: ProviderHarness, where: string): void {
  describe(`${harness.provider}, ${where}: a charge’s life`, () => life(harness));
}
