const store = (name) => `packages/shared/src/store/payments/${name}`;

/** The guards of the statements that write refunds, idempotency keys, discrepancies and deferred host writes. */
export const refundStoreMutants = [
  {
    file: store('refunds.ts'),
    tests: [store('refunds.test.ts')],
    mutants: [
      {
        text: ' and refund_reserved_idr + $10 <= paid_idr',
        replacement: '',
        why: 'a refund above what was paid would be an error and no answer',
      },
      {
        text: 'and refund_reserved_idr + $10 <= paid_idr',
        replacement: 'and refund_reserved_idr + $10 < paid_idr',
        why: 'the whole amount could not be refunded',
      },
      {
        text: 'where payment_id = $3 and no = $9',
        replacement: 'where payment_id = $3 and $9::integer > 0',
        why: 'one refund would reserve the money of every attempt',
      },
      {
        text: "insertEvent('from opened')",
        replacement: 'insertEvent()',
        why: 'refund.pending would be announced for a refund that does not exist',
      },
      {
        text: 'and lease_no = $2 and num_nulls',
        replacement: 'and $2::integer >= 0 and num_nulls',
        why: 'two jobs would request the same refund',
      },
      {
        text: ' and num_nulls(next_try_at) = 0 and asked_at is null',
        replacement: ' and asked_at is null',
        why: 'a refund that failed, or waits for approval, would be requested',
      },
      { text: ' and asked_at is null`', replacement: '`', why: 'a refund would be requested twice after a crash' },
      {
        text: "else asked_at end\n    where id = $1 and status = 'pending'",
        replacement: 'else asked_at end\n    where id = $1',
        why: 'a final refund would be due again',
      },
      {
        text: 'case when $5 then null else asked_at end',
        replacement: 'case when $5::boolean then asked_at else asked_at end',
        why: 'a refund that the provider refused for now would never be requested again',
      },
      {
        text: 'next_try_at = least(next_try_at, $3)',
        replacement: 'next_try_at = coalesce(next_try_at, $3)',
        why: 'a webhook would not speed up the refund that it reports',
      },
      {
        text: ' and num_nulls(next_try_at) = 0 and provider_refund_id is null',
        replacement: ' and provider_refund_id is null',
        why: 'a final refund would be due again, and one that waits for approval too',
      },
      { text: 'and provider_refund_id is null`', replacement: '`', why: 'a webhook could replace a refund by another one' },
      {
        text: 'and provider_refund_id = $2 and status',
        replacement: 'and $2::text is not null and status',
        why: 'the right id would be removed with the wrong one',
      },
      {
        text: " and provider_refund_id = $2 and status = 'pending'",
        replacement: ' and provider_refund_id = $2',
        why: 'the id of a final refund would be lost for the books',
      },
      {
        text: "where id = $1 and status = 'pending'\n      returning payment_id",
        replacement: 'where id = $1\n      returning payment_id',
        why: 'a refund would count twice',
      },
      {
        text: "where $2 = 'failed' and a.payment_id",
        replacement: 'where a.payment_id',
        why: 'money that was returned could be refunded again',
      },
      { text: ' and a.no = e.attempt_no', replacement: '', why: 'a failed refund would free the money of other attempts' },
      {
        text: "and status = 'pending' and next_try_at > $2",
        replacement: 'and next_try_at > $2',
        why: 'a final refund would be due again',
        equivalent: 'a final refund has no next_try_at, so the comparison is never true for it; the check of the status says what is meant',
      },
      {
        text: ' and next_try_at > $2',
        replacement: '',
        why: 'the caller would hear that a refund was made due although it was due already',
      },
      {
        text: "and status = 'paid' order by accepted desc",
        replacement: 'order by accepted desc',
        why: 'money that never arrived could be refunded',
      },
      {
        text: 'accepted and exists (select from gateway.host_writes',
        replacement: 'exists (select from gateway.host_writes',
        why: 'a duplicate could not be refunded while the host is busy',
      },
      {
        text: "and w.step = 'paid' and w.done_at is null",
        replacement: "and w.step = 'paid' and w.done_at is not null",
        why: 'the host could see a refund before the payment',
        tests: ['services/api/src/payments/refund-payment.test.ts'],
      },
    ],
  },
  {
    file: store('idempotency-keys.ts'),
    tests: [store('idempotency-keys.test.ts')],
    mutants: [
      {
        text: 'k.client_id = $1 and k.operation',
        replacement: '$1::text is not null and k.operation',
        why: 'a client would see the payment of another client',
      },
      {
        text: 'k.operation = $2 and k.key',
        replacement: '$2::text is not null and k.key',
        why: 'the key of a refund would answer a payment',
      },
      { text: 'k.expires_at <= $4', replacement: 'k.expires_at < $4', why: 'an expired key would answer once more' },
      {
        text: '(resource_id = $4 or expires_at <= $5)',
        replacement: '(resource_id = $4 or expires_at <= $5 or true)',
        why: 'a key would be freed while its payment may be paid: two payments for one request',
      },
      {
        text: '(resource_id = $4 or expires_at <= $5)',
        replacement: '($4::text is not null and expires_at <= $5)',
        why: 'a failed payment could not be tried again with its key',
      },
      {
        text: 'values ($1, $2, $3, $4, $5, $6, $7)`',
        replacement: 'values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`',
        why: 'two requests with one key would make two payments',
      },
      {
        text: 'and key = $3 and expires_at > $4',
        replacement: 'and key = $3 and $4::timestamptz is not null',
        why: 'an expired key would answer with an old refund',
        tests: ['services/api/src/payments/refund-payment.test.ts'],
      },
    ],
  },
  {
    file: store('discrepancies.ts'),
    tests: [store('host-writes.test.ts')],
    mutants: [
      {
        text: 'values ($1, $2, $3, $4, $5, $6, $7)\n    on conflict do nothing',
        replacement: 'values ($1, $2, $3, $4, $5, $6, $7)',
        why: 'a discrepancy that is found again would undo the whole transaction',
      },
      {
        text: 'values ($3, $8, $9, $10, $11, $2)\n      on conflict do nothing',
        replacement: 'values ($3, $8, $9, $10, $11, $2)',
        why: 'a review that is found again would undo the whole transaction',
        tests: ['services/worker/src/settling/open-review.test.ts'],
      },
      {
        text: "events.insertEvent('from opened')",
        replacement: 'events.insertEvent()',
        why: 'the till would hear of the same review with every poll',
        tests: ['services/worker/src/settling/open-review.test.ts'],
      },
      {
        text: 'and attempt_no is not distinct from $2 and reason = $3 and subject = $6',
        replacement: 'and ($2::integer is null or true) and reason = $3 and subject = $6',
        why: 'the discrepancies of other attempts would be closed',
      },
      {
        text: 'reason = $3 and subject = $6',
        replacement: '$3::text is not null and subject = $6',
        why: 'a discrepancy for another reason would be closed',
      },
      {
        text: 'subject = $6 and closed_at is null',
        replacement: 'subject = $6',
        why: 'the time and reason of an earlier closing would be overwritten',
      },
    ],
  },
  {
    file: store('host-writes.ts'),
    tests: [store('host-writes.test.ts')],
    mutants: [
      { text: ' on conflict do nothing`', replacement: '`', why: 'a host write that is deferred again would undo the whole transaction' },
      {
        text: 'from gateway.host_writes where id = $1 and num_nulls(done_at) = 1',
        replacement: 'from gateway.host_writes where id = $1',
        why: 'a host write would be carried out twice',
      },
      {
        text: 'last_error = $3 where id = $1 and num_nulls(done_at) = 1',
        replacement: 'last_error = $3 where id = $1',
        why: 'the end of a host write would be overwritten',
      },
      {
        text: 'where payment_id = $1 and done_at is null',
        replacement: 'where payment_id = $1',
        why: 'an operator would wait for a retry that is not made',
        equivalent: 'a host write that has ended has no next_try_at, and min() leaves it out',
      },
    ],
  },
];
