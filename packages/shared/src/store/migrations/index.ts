import { payments } from './0001-payments.ts';
import { events } from './0002-events.ts';
import { webhooks } from './0003-webhooks.ts';
import { partitions } from './0004-partitions.ts';
import { control } from './0005-control.ts';
import { webhookQuestions } from './0006-webhook-questions.ts';
import { listIndexes } from './0007-list-indexes.ts';
import { retention } from './0008-retention.ts';
import { accounts } from './0009-accounts.ts';
import { till } from './0010-till.ts';
import { outgoingWebhooks } from './0011-outgoing-webhooks.ts';
import { operatorSessions } from './0012-operator-sessions.ts';
import { auditChain } from './0013-audit-chain.ts';
import { refundApprovals } from './0014-refund-approvals.ts';
import { searchIndexes } from './0015-search-indexes.ts';
import { auditRuns } from './0016-audit-runs.ts';
import { providerCalls } from './0017-provider-calls.ts';
import type { Migration } from './migration.ts';

/** In the order in which they run. */
export const migrations: readonly Migration[] = [
  payments,
  events,
  webhooks,
  partitions,
  control,
  webhookQuestions,
  listIndexes,
  retention,
  accounts,
  till,
  outgoingWebhooks,
  operatorSessions,
  auditChain,
  refundApprovals,
  searchIndexes,
  auditRuns,
  providerCalls,
];
