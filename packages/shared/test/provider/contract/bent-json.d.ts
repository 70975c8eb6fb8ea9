import fc from 'fast-check';
/** Good answers with some of their parts, however deep, replaced, removed or added to; or cut short; or bytes; or any JSON. */
export declare function mutated(samples: readonly object[]): fc.Arbitrary<Buffer>;
//# sourceMappingURL=bent-json.d.ts.map
