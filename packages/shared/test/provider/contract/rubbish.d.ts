import { type ProviderHarness } from './harness.ts';
/** Malformed, truncated and type-confused answers: no crash, no unclassified error, nothing of the answer in a log line. */
export declare function malformedResponses(harness: ProviderHarness): void;
//# sourceMappingURL=rubbish.d.ts.map
