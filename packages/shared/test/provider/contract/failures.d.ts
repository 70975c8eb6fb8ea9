import { type ProviderHarness } from './harness.ts';
/** Every operation against every way in which an answer can fail to come. */
export declare function failures(harness: ProviderHarness): void;
//# sourceMappingURL=failures.d.ts.map
