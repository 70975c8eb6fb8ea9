import { replacePrivateFile } from './servers/private-file.ts';

export type HostDatabases = Readonly<Record<'pos' | 'erp', string> & Record<string, string>>;

/** `stack.json`: addresses, passwords and process ids, for people and for programs such as `ops`. */
export interface StackFile {
  api: string;
  simulator: string;
  redis: string;
  /** The URL of the control database. */
  control: string;
  /** The URL of each host's database, by the id of the host. */
  databases: HostDatabases;
  /** The folder of the host folders. */
  hosts_dir: string;
  /** The variables of the services that the commands need: with them `ops -- accounts` works without an environment of its own. */
  environment: Readonly<Record<string, string>>;
  operator: { url: string; user: string; password: string };
  /** Base addresses: `/metrics`, `/health/live`, `/health/serving` and `/health/ready` are below each. */
  metrics: Readonly<Record<'api' | 'worker' | 'notifier', readonly string[]>>;
  pids: Readonly<Record<'api' | 'worker' | 'notifier' | 'simulator' | 'redis' | 'postgres', readonly number[]>>;
}

export function writeStackFile(file: string, stack: StackFile): void {
  replacePrivateFile(file, `${JSON.stringify(stack, null, 2)}\n`);
}
