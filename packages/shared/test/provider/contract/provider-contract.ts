import { failures } from './failures.ts';
import type { ProviderHarness } from './harness.ts';
import { lifecycle } from './lifecycle.ts';
import { malformedResponses } from './malformed-responses.ts';
import { states } from './states.ts';

export type { ProviderFake, ProviderHarness } from './harness.ts';

/** Checks every guarantee of QrisProvider, against the provider's test double and against a server that answers with every fault. */
export function describeProvider(harness: ProviderHarness): void {
  describe(`${harness.provider}: a charge`, () => lifecycle(harness));
  describe(`${harness.provider}: documented states and refusals`, () => states(harness));
  describe(`${harness.provider}: failures`, () => failures(harness));
  describe(`${harness.provider}: malformed responses`, () => malformedResponses(harness));
}

/** The lifecycle of a charge again, at a test double that decides differently what the provider's documents leave open. */
export function describeLifecycle(harness: ProviderHarness, variant: string): void {
  describe(`${harness.provider} ${variant}: a charge`, () => lifecycle(harness));
}
