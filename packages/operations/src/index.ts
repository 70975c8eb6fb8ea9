export { causes } from './account-proof/proof-step.ts';
export { CommandError, UsageError } from './command-error.ts';
export type { Field, FieldKind, Fields } from './field.ts';
export type { AccountEnvironment, OperationsContext, RowsOfDatabases } from './operations-context.ts';
export { reasonOf } from './reason-of.ts';
export { renderTable, type Table, table } from './table.ts';
export { ForbiddenVerb, type Input, runVerb, type Verb, type VerbResult, verbGroups } from './verb.ts';
export { verbOf, verbs } from './verbs/index.ts';
export type { Words } from './words.ts';
