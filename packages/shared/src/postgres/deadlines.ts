/**
 * The time limits of a pooled connection, in milliseconds. A till waits about ten seconds for its QR, so a call to a server that
 * hangs must fail earlier: `query_timeout` ends it after 8 s, also when the server does not react to its own limits.
 */
export const poolDeadlines = {
  connectionTimeoutMillis: 2_000,
  idleTimeoutMillis: 300_000, // a new connection plans all statements again
  statement_timeout: 5_000,
  query_timeout: 8_000,
  lock_timeout: 2_000,
  idle_in_transaction_session_timeout: 10_000,
};

/** The time limits of a connection that checks a host, in milliseconds. Longer than a pool's: no till waits for it. */
export const checkDeadlines = {
  connectionTimeoutMillis: 5_000,
  statement_timeout: 10_000,
  query_timeout: 12_000,
  lock_timeout: 2_000,
};
