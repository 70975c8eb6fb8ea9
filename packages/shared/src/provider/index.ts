export * from './provider-error.ts';
export * from './qris-provider.ts';
