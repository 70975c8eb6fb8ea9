import type { Hosts } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import type { ProviderEnvironment } from '@gateway/shared/provider';
import type { Clock } from '@gateway/shared/runtime';
import type { Words } from './words.ts';

/** What the processes that serve know of provider accounts. */
export interface AccountEnvironment {
  providers: ProviderEnvironment;
  isLocalStack: boolean;
  /** Where providers send webhooks, without a slash at its end; null when PUBLIC_URL is not set. */
  publicUrl: string | null;
}

/** The rows of every database. A database that failed is one of `errors`; `notes` say which databases were asked. */
export interface RowsOfDatabases<T> {
  rows: T[];
  errors: Words[];
  notes: Words[];
}

/** @param name the environment variable, or the file, with the URL of the database */
type Query<T> = (db: Database, name: string) => Promise<readonly T[]>;

/**
 * What the verbs work on. A command opens it from its environment, and an api process has it open already. Each part is made when a verb
 * asks for it, because a verb that needs no database must work without one.
 */
export interface OperationsContext {
  clock: Clock;
  withControl<T>(work: (db: Database) => Promise<T>): Promise<T>;
  /** Runs a query in every database with hosts in it. The rows of the available ones are returned. */
  inEveryDatabase<T>(query: Query<T>): Promise<RowsOfDatabases<T>>;
  /** The same, with the control database, where it is a database of its own. */
  inEveryDatabaseAndControl<T>(query: Query<T>): Promise<RowsOfDatabases<T>>;
  withHosts<T>(work: (hosts: Hosts) => Promise<T>): Promise<T>;
  /** The ids of all host folders, also of those that cannot be read. */
  hostIds(): string[];
  accounts(): AccountEnvironment;
  /** Null when REDIS_URL is not set. */
  redisUrl(): string | null;
  /** REFUND_APPROVAL_FROM: when the refunds of a payment reach that many rupiah together, a refund waits for a second person; null: none does. */
  refundApprovalFrom(): number | null;
  /** The simulator of the local stack; null with real providers. */
  simulatorUrl(): string | null;
  /** Asks the person who acts. False when there is no answer. */
  confirm(question: string): Promise<boolean>;
}
