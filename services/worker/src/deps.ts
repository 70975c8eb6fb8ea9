import type { Hosts } from '@gateway/shared/host';
import type { Clock, Logger } from '@gateway/shared/runtime';
import type { Database, Payment } from '@gateway/shared/store';
import type { Accounts } from './accounts.ts';
import type { Writer } from './apply-charge.ts';
import type { createAskProvider } from './ask-provider.ts';
import type { Hedge } from './hedge.ts';
import type { Route } from './route.ts';
import type { ServingHost } from './serving-host.ts';
import type { Turns } from './turns.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** What the jobs work with. Each takes the part it needs. */
export interface Deps {
  hosts: Pick<Hosts<Database>, 'byId'>;
  /** Which providers to ask for this payment, in which order, and which were left out and why. */
  route: Route;
  askProvider: ReturnType<typeof createAskProvider>;
  hedge: Hedge;
  accounts: Accounts;
  metrics: WorkerMetrics;
  writer: Writer;
  turns: Turns;
  /** How long one question to a provider may take, milliseconds. */
  askLimitMs: number;
  /** Rings the notifier's bell of this host's database. */
  ring: (host: ServingHost) => void;
  /** Tells the api process that waits for this payment. Never throws: it also looks by itself. */
  reply: (payment: Payment) => void;
  clock: Clock;
  log: Logger;
}
