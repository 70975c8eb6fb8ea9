export * from './clock.ts';
export * from './identifiers.ts';
export * from './logger.ts';
export * from './redact.ts';
