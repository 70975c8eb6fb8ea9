export * from './channels.ts';
export * from './enqueue.ts';
export * from './job-catalog.ts';
export * from './poll-slots.ts';
export * from './queue-metrics.ts';
export * from './redis.ts';
export * from './redis-script.ts';
export * from './work.ts';
