import type { Migration } from '../migrate.ts';

export const parked: Migration = {
  name: '0005-parked',
  up: `
create index webhook_inbox_parked on gateway.webhook_inbox (processed_at) where verdict = 'parked';
comment on index gateway.webhook_inbox_parked is 'What waits for a person is found among months of what does not.';
`,
};
