import { type ProviderHarness } from './harness.ts';
/** Every state and every refusal in the provider's documents, in its own words. */
export declare function states(harness: ProviderHarness): void;
//# sourceMappingURL=states.d.ts.map
