import type { Hosts } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import type { ProviderAccount } from '@gateway/shared/provider';
import type { Enqueue } from '@gateway/shared/queue';
import type { Clock, Health, Logger } from '@gateway/shared/runtime';
import type { settings } from '@gateway/shared/store';
import type { Counter } from '@prometheus-io/client';
import type { RequestHandler, Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { LiveFeeds } from './events/live-feeds.ts';
import type { StreamTokens } from './events/stream-token.ts';
import type { RequestTimings } from './http/request-log.ts';
import type { QrLinks } from './payments/qr-link.ts';
import type { Replies } from './payments/reply-channel.ts';
import type { createRequestAndWait } from './payments/request-and-wait.ts';
import type { StoreRegistry } from './payments/store-registry.ts';

/** What the routes work with. Each takes the part it needs. */
export interface ApiDeps {
  hosts: Hosts;
  control: Pick<settings.ControlCache, 'current'>;
  controlDb: Database;
  stores: StoreRegistry;
  accounts: readonly ProviderAccount[];
  enqueue: Enqueue;
  replies: Replies;
  requestAndWait: ReturnType<typeof createRequestAndWait>;
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
  extraRoutes?: ExtraRoutes | undefined;
  publicUrl: string;
  /** Of one key, in one process. */
  clientRequestsPerSecond: number;
  /** Whose pages may call us from a browser. */
  corsOrigins: readonly string[];
}

/** Mounts further routes in front of health, docs and 404. `caller` authenticates a client key and limits its requests. */
export type ExtraRoutes = (api: ApiDeps & { caller: RequestHandler[] }) => { router: Router; openApiPaths: ZodOpenApiPathsObject };
