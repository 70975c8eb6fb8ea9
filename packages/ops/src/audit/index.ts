export { type Audit, audit } from './audit.ts';
export { type Finding, type Invariant, invariants } from './finding.ts';
export { type BookedCharge, readSimulatorBook } from './provider-book.ts';
