export { type CaseVerdict, conform } from './conformance.ts';
export { type DryRun, type DryStep, dryRun } from './dry-run.ts';
export { readExpectations } from './expectations.ts';
export { grantReference } from './grant-reference.ts';
export { grantsOf } from './grants.ts';
export { loadReference } from './load-reference.ts';
export { proveGrants } from './prove-grants.ts';
export type { TableUse } from './table-use.ts';
