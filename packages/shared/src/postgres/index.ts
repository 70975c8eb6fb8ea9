export { batched, columnsOf } from './batch.ts';
export { checkSession, reportSession } from './check-session.ts';
export { clockCheck, clockSkewMs, databaseCheck } from './clock-skew.ts';
export { connectDatabase, type Database, type Statement } from './database.ts';
export { connectClient, PoolFull } from './database-client.ts';
export { type DatabaseUrls, databaseConnections, databaseEnvironment, databasesOf, migrateUrlsOf } from './database-environment.ts';
export { checkDeadlines } from './deadlines.ts';
export {
  hasSqlState,
  isBusy,
  isConnectionLoss,
  isLockTimeout,
  isNewConnectionDelayed,
  isPostgresError,
  isStalePlan,
  isTransient,
  isUnusable,
  messageOf,
  type PostgresError,
  sqlState,
} from './errors.ts';
export { createPoolMetrics } from './pool-metrics.ts';
export { createPoolShare, type PoolShare, PoolShareFull } from './pool-share.ts';
export type { Queryable } from './queryable.ts';
export { isSessionSetting, SessionSettingsMissing } from './session-settings.ts';
export { begin, inTransaction, pipelined, type Transaction } from './transaction.ts';
