import type { Hosts } from '@gateway/shared/host';
import type { ProviderAccount } from '@gateway/shared/provider';
import type { Enqueue } from '@gateway/shared/queue';
import type { Clock, Health, Logger } from '@gateway/shared/runtime';
import type { ControlCopy, Database } from '@gateway/shared/store';
import type { Router } from 'express';
import type { Counter } from 'prom-client';
import type { LiveFeeds } from './events/live-feeds.ts';
import type { StreamTokens } from './events/stream-token.ts';
import type { RequestTimings } from './http/request-log.ts';
import type { createAskNow } from './payments/ask-now.ts';
import type { Replies } from './payments/await-charge.ts';
import type { ClaimedStores } from './payments/claimed-stores.ts';
import type { QrLinks } from './payments/qr-link.ts';

/** What the routes work with. Each takes the part it needs. */
export interface ApiDeps {
  hosts: Hosts<Database>;
  control: Pick<ControlCopy, 'current'>;
  controlDb: Database;
  stores: ClaimedStores;
  accounts: readonly ProviderAccount[];
  enqueue: Enqueue;
  replies: Replies;
  askNow: ReturnType<typeof createAskNow>;
  links: QrLinks;
  feeds: LiveFeeds;
  streamTokens: StreamTokens;
  health: Health;
  timings: RequestTimings;
  webhookCounter: Counter<'provider' | 'verdict'>;
  clock: Clock;
  log: Logger;
  /** `/operator`; null when nobody may pass. */
  operator: Router | null;
  /** Proxies in front that say whose request it is. */
  trustProxy: number;
  /** Null outside the local stack. */
  simulatorUrl: string | null;
  publicUrl: string;
  /** Of one key, in one process. */
  clientRequestsPerSecond: number;
  /** Whose pages may call us from a browser. */
  corsOrigins: readonly string[];
}
