import type { Migration } from '../migrate.ts';

export const askedRefunds: Migration = {
  name: '0007-asked-refunds',
  up: `
alter table gateway.refunds add column asked_at timestamptz;
comment on column gateway.refunds.asked_at is 'When the provider was asked for it, if it may have heard: written before the call, and taken back when it surely was not carried out. Not every provider makes a repeat safe.';
alter table gateway.webhook_inbox add column refund_reference text, add column provider_refund_id text;
comment on column gateway.webhook_inbox.provider_refund_id is 'Which refund the news is about, where it says so: where to look for one whose answer was lost.';
`,
};
