import type { Migration } from '../migrate.ts';

export const openPayments: Migration = {
  name: '0006-open-payments',
  up: `
create index payments_open_of_store on gateway.payments (store_id, id) where status in ('created','pending');
comment on index gateway.payments_open_of_store is 'What a screen shows when it begins is found among years of payments that are over.';
`,
};
