import type { Migration } from '../migrate.ts';

export const paymentPages: Migration = {
  name: '0008-payment-pages',
  up: `
create index payments_of_tenant on gateway.payments (host, tenant, created_at, id);
drop index gateway.payments_of_store;
create index payments_of_store on gateway.payments (host, tenant, store_id, created_at, id);
comment on index gateway.payments_of_tenant is 'A page of the list costs the same however many payments stand behind it.';
`,
};
