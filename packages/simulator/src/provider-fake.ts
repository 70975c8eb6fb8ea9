import type { CallLog } from './call-log.ts';
import type { ProviderName } from './charge.ts';
import type { ChargeBook } from './charge-book.ts';
import type { DeliveryRules } from './delivery-rules.ts';
import type { Faults } from './faults.ts';
import type { PayerActions } from './payer-actions.ts';
import type { Serve } from './provider-endpoint.ts';
import type { SimulatorClock } from './simulator-clock.ts';
import type { Switches } from './switches.ts';
import type { WebhookSender } from './webhook-sender.ts';

/** What both provider fakes share. */
export interface FakeDependencies {
  book: ChargeBook;
  callLog: CallLog;
  clock: SimulatorClock;
  switches: Switches;
  /** Real milliseconds added to each answer. */
  latencyMs: number;
  /** How many deliveries one provider may have in progress or waiting for a retry. */
  maxUnderway: number;
  log: (message: string) => void;
}

/** An account as the controls show it: without its secrets. */
interface AccountView {
  id: string;
  notification_url: string | null;
}

/** One simulated provider: its API, the actions of payers, its faults and its webhooks. */
export interface ProviderFake {
  name: ProviderName;
  serve: Serve;
  actions: PayerActions;
  faults: Faults;
  deliveryRules: DeliveryRules;
  sender: WebhookSender;
  accounts(): AccountView[];
  /** Adds or replaces an account from the body of a control request. @throws ZodError */
  putAccount(id: string, body: unknown): void;
  /** Removes remembered calls, faults, delivery rules and undelivered webhooks. Accounts stay. */
  reset(): void;
}

/** Seeds the random numbers of faults with a `probability`, so that a repeated run fails at the same calls. */
export const faultSeed = 1;
