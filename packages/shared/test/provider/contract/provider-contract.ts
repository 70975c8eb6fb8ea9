import { failures } from './failures.ts';
import type { ProviderHarness } from './harness.ts';
import { lifecycle } from './lifecycle.ts';
import { malformedResponses } from './malformed-responses.ts';
import { states } from './states.ts';

export type { ProviderFake, ProviderHarness } from './harness.ts';

/** Holds a provider to every promise of QrisProvider: against its stand-in, and against a server that breaks everything that can break. */
export function describeProvider(harness: ProviderHarness): void {
  describe(`${harness.provider}: a charge’s life`, () => lifecycle(harness));
  describe(`${harness.provider}: documented states and refusals`, () => states(harness));
  describe(`${harness.provider}: failures`, () => failures(harness));
  describe(`${harness.provider}: rubbish`, () => malformedResponses(harness));
}

/** A charge's life once more, at a stand-in that settles otherwise what the provider's documents leave open. */
export function describeLifecycle(harness: ProviderHarness, variant: string): void {
  describe(`${harness.provider}, ${variant}: a charge’s life`, () => lifecycle(harness));
}
