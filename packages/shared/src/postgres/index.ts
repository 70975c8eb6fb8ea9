export * from './clock-skew.ts';
export * from './database.ts';
export * from './database-environment.ts';
export * from './pool-metrics.ts';
export * from './queryable.ts';
export * from './transaction.ts';
