import type { Migration } from './migration.ts';

/** When the provider is asked about a webhook that waits for a poll slot. */
export const webhookQuestions: Migration = {
  name: '0006-webhook-questions',
  up: `
alter table gateway.webhook_inbox add column question_at timestamptz;
comment on column gateway.webhook_inbox.question_at is 'The poll slot that is reserved for the question about this webhook. Null: none is. A first report about an open charge does not wait for one.';
`,
};
