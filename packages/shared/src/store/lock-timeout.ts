/**
 * The start of a change of a table or of its rights. Such a change waits for the transactions that use the table, and whatever comes later
 * waits behind the change, also a till's payment. So it gives up after 100 ms, and is tried again. `create index concurrently` waits too, but
 * nothing waits behind it.
 */
export const setLockTimeout = `set local lock_timeout = '100ms';`;
