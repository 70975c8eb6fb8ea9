import type { Hosts } from '@gateway/shared/host';
import type { PollSlots } from '@gateway/shared/queue';
import type { Clock, Logger } from '@gateway/shared/runtime';
import type { AskProvider } from './charging/ask-provider.ts';
import type { Hedging } from './charging/hedging.ts';
import type { ChooseRoute } from './charging/routing.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { Accounts } from './providers/accounts.ts';
import type { PaymentWriter } from './settling/payment-writer.ts';
import type { Reply, WakeRelay } from './signals.ts';

/** What the job handlers work with. Each handler states the part that it needs. */
export interface Deps {
  hosts: Pick<Hosts, 'byId'>;
  chooseRoute: ChooseRoute;
  askProvider: AskProvider;
  /** How long all providers together may take to make a QR, milliseconds. */
  createLimitMs: number;
  hedging: Hedging;
  accounts: Accounts;
  metrics: WorkerMetrics;
  writer: PaymentWriter;
  pollSlots: PollSlots;
  /** How long one call to a provider may take, except the creation of a charge, milliseconds. */
  queryTimeoutMs: number;
  wakeRelay: WakeRelay;
  reply: Reply;
  clock: Clock;
  log: Logger;
}
