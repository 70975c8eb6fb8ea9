import type { OperationsContext } from '@gateway/operations';
import type { Hosts } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import type { AccountDirectory } from '@gateway/shared/provider';
import type { Clock, Logger, OperatorUser } from '@gateway/shared/runtime';
import type { settings } from '@gateway/shared/store';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { SecurityLog } from '../http/security-log.ts';
import type { OidcSettings } from './sign-in/oidc.ts';

export interface ConsoleDeps {
  users: readonly OperatorUser[];
  /** The file of OPERATOR_USERS_FILE; null: the users are in the environment. */
  usersFile: string | null;
  /** How persons of an organisation sign in; null: with passwords only. */
  oidc: OidcSettings | null;
  hosts: Hosts;
  queues: readonly Queue[];
  accounts: Pick<AccountDirectory, 'all'>;
  control: Pick<settings.ControlCache, 'current' | 'refresh' | 'lastError'>;
  /** The console's own connections to the control database, so that it takes none from the tills. */
  controlDb: Database;
  /** What the verbs of operators work on. */
  operations: OperationsContext;
  redis: Redis;
  security: SecurityLog;
  publicUrl: string;
  /** Whether browsers send the cookies over HTTPS only. */
  isSecure: boolean;
  clock: Clock;
  log: Logger;
}
