import type { Host, Hosts } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import type { Clock, Logger } from '@gateway/shared/runtime';
import type { createAskProvider } from './charging/ask-provider.ts';
import type { Hedging } from './charging/hedging.ts';
import type { ChooseRoute } from './charging/routing.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { Accounts } from './providers/accounts.ts';
import type { PollSlots } from './providers/poll-slots.ts';
import type { PaymentWriter } from './settling/payment-writer.ts';

/** What the jobs work with. Each takes the part it needs. */
export interface Deps {
  hosts: Pick<Hosts, 'byId'>;
  /** Which providers to ask for this payment, in which order, and which were left out and why. */
  chooseRoute: ChooseRoute;
  askProvider: ReturnType<typeof createAskProvider>;
  hedging: Hedging;
  accounts: Accounts;
  metrics: WorkerMetrics;
  writer: PaymentWriter;
  pollSlots: PollSlots;
  /** How long one question to a provider may take, milliseconds. */
  queryTimeoutMs: number;
  /** Rings the notifier's bell of this host's database. */
  wakeRelay: (host: Host) => void;
  /** Tells the api process that waits for this payment. Never throws: it also looks by itself. */
  reply: (payment: Payment) => void;
  clock: Clock;
  log: Logger;
}
