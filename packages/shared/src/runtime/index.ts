export * from './clock.ts';
export * from './environment.ts';
export * from './health.ts';
export * from './identifiers.ts';
export * from './logger.ts';
export * from './monitor.ts';
export * from './process.ts';
export * from './redact.ts';
