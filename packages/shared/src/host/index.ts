export { bookOf, checkBook } from './check-book.ts';
export { checkHost, type FileVerdict, type HostCheck } from './check-host.ts';
export { inRolledBackTransaction, onOwnConnection } from './host-connection.ts';
export type { Host, HostLocation, HostState } from './host-entry.ts';
export {
  HostStatementFailed,
  HostUnavailable,
  isHostFailure,
  OrderBusy,
  OrderKeyNotCanonical,
  OrderUnreadable,
  UnknownHost,
} from './host-error.ts';
export { databaseUrlOf, type HostFolder, type InvalidHost, type LoadOptions, loadHosts, readHostFolder } from './host-folder.ts';
export { type HostOrder, orderDetails, type TextRow } from './host-order.ts';
export { type HostOrders, hostOrders } from './host-orders.ts';
export { type HostParts, rowsAsJson, whyAlone } from './host-parts.ts';
export { formatProblem, type HostProblem } from './host-problem.ts';
export type { PayableRead } from './host-reads.ts';
export { sessionOf } from './host-session.ts';
export { type HostStatement, readStatement } from './host-statement.ts';
export type { GuardedWriteOutcome } from './host-writes.ts';
export { createHosts, type HostedDatabase, type Hosts } from './hosts.ts';
export { readinessOf, servingOf } from './readiness.ts';
export { reloadOnSighup } from './reload-on-sighup.ts';
export { composeStatement, partOf } from './statements/composed-statement.ts';
export { hostStep, isHostRefusal, OneStatement } from './statements/one-statement.ts';
export { asText } from './statements/prepared-statements.ts';
export { type HostWrite, type HostWriteName, typeOf, valuesFor, writes } from './statements/statement-parameters.ts';
export { readStrictYaml } from './strict-yaml.ts';
