import type { ProviderHarness } from './harness.ts';
/** Against the provider's stand-in: what is promised when nothing is scripted. */
export declare function lifecycle(harness: ProviderHarness): void;
//# sourceMappingURL=life.d.ts.map
