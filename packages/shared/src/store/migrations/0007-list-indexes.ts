import type { Migration } from './migration.ts';

const open = `status in ('created', 'pending')`;
const ended = `status in ('paid', 'expired', 'cancelled', 'failed', 'partially_refunded', 'refunded')`;

/**
 * An index for every filter of the list of payments. They are partial: a payment enters the ones by status when it ends, so that its way
 * from creation to QR costs one entry. They are built while tills create payments.
 */
export const listIndexes: Migration = {
  name: '0007-list-indexes',
  up: [
    'drop index concurrently if exists gateway.payments_ended_of_tenant', // an interrupted build leaves an invalid index
    `create index concurrently payments_ended_of_tenant on gateway.payments (host, tenant, status, created_at, id) where ${ended}`,
    'drop index concurrently if exists gateway.payments_ended_of_store',
    `create index concurrently payments_ended_of_store on gateway.payments (host, tenant, store_id, status, created_at, id) where ${ended}`,
    'drop index concurrently if exists gateway.payments_open_of_tenant',
    `create index concurrently payments_open_of_tenant on gateway.payments (host, tenant, created_at, id) where ${open}`,
    `comment on index gateway.payments_open_of_tenant is 'Serves the filters by live and by an open status: open payments are few among years of closed ones.'`,
  ],
};
