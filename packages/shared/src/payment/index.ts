export * from './attempt.ts';
export * from './bill.ts';
export * from './charge.ts';
export * from './domain-error.ts';
export * from './payment-status.ts';
export * from './provider-items.ts';
export * from './qris.ts';
export * from './rupiah.ts';
