export * from './conformance.ts';
export * from './dry-run.ts';
export * from './expectations.ts';
export * from './grants.ts';
export * from './load-reference.ts';
export type { TableUse } from './table-use.ts';
