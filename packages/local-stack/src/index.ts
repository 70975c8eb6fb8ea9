export * from './embedded-postgres.ts';
export * from './embedded-redis.ts';
export * from './start-warden.ts';
