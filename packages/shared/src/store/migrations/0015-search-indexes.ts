import type { Migration } from './migration.ts';

const ended = `status in ('paid', 'expired', 'cancelled', 'failed', 'partially_refunded', 'refunded')`;

const build = (name: string, on: string): string[] => [
  `drop index concurrently if exists gateway.${name}`, // an interrupted build leaves an invalid index
  `create index concurrently ${name} on ${on}`,
];

/**
 * Indexes of the operators' search. They are partial: a payment enters them when it ends, and an attempt when it is paid, so that the way of a
 * till from its order to a QR writes no further entry. Open payments are few and are read by the indexes of the lists.
 */
export const searchIndexes: Migration = {
  name: '0015-search-indexes',
  up: [
    ...build('payments_ended_by_number', `gateway.payments (order_number, created_at, id) where ${ended}`),
    ...build('payments_ended_by_amount', `gateway.payments (amount_idr, created_at, id) where ${ended}`),
    ...build('attempts_by_receipt', 'gateway.attempts (receipt) where receipt is not null'),
    ...build('attempts_by_issuer', 'gateway.attempts (issuer, paid_at, payment_id) where issuer is not null'),
  ],
};
