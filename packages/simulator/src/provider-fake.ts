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

/** What both providers are built on. */
export interface FakeDependencies {
  book: ChargeBook;
  callLog: CallLog;
  clock: SimulatorClock;
  switches: Switches;
  /** Real milliseconds added to each answer. */
  latencyMs: number;
  /** Webhooks that one provider may have on their way. */
  maxUnderway: number;
  log: (message: string) => void;
}

/** An account as the controls show it: without its secrets. */
interface AccountView {
  id: string;
  notification_url: string | null;
}

/** One provider, whole: its API, what can happen at its desk, its bad luck and its news. */
export interface ProviderFake {
  name: ProviderName;
  serve: Serve;
  actions: PayerActions;
  faults: Faults;
  deliveryRules: DeliveryRules;
  sender: WebhookSender;
  accounts(): AccountView[];
  /** Adds or replaces an account, given as the controls write it. @throws ZodError */
  putAccount(id: string, body: unknown): void;
  /** Forgets what the provider remembers of past calls, its faults, its travel rules and the news on its way. */
  reset(): void;
}

/** The seed of the dice that faults with a `probability` throw. */
export const faultSeed = 1;
