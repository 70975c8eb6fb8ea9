export { type Audit, audit } from './audit.ts';
export { type Finding, type Invariant, invariants } from './finding.ts';
export { type ProviderCharge, readSimulatorCharges } from './provider-charges.ts';
