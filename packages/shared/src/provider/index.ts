export {
  type AccountDirectory,
  type AccountSecrets,
  fixedAccounts,
  openSealedSecrets,
  resealSecrets,
  sealSecrets,
  webhookSecretOf,
} from './account-directory.ts';
export type { AccountMisconfigured, BreakerChange, BreakerKind, OpenBreaker } from './breaker.ts';
export { type Breakers, createBreakers } from './circuit-breaking-provider.ts';
export { allowedText } from './evidence/allowed-text.ts';
export { type CallEvidence, evidenceOf, type ProviderCall, type RecordCall } from './evidence/call-evidence.ts';
export * from './provider-accounts.ts';
export { ProviderError, ProviderMisconfigured, ProviderOutcomeUnknown, ProviderRejected, ProviderUnavailable } from './provider-error.ts';
export type { Providers } from './provider-factory.ts';
export { budgetOf, createProviders, providerKind, providerNames, UnknownProvider } from './provider-factory.ts';
export type { ProviderKind, ProviderTools } from './provider-kind.ts';
export type { ProviderTraits, RefundFacts, RefundObstacle } from './provider-traits.ts';
export * from './qris-provider.ts';
