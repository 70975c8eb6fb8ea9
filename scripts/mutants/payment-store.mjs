const store = (name) => `packages/shared/src/store/payments/${name}`;

/** The guards of the statements that write payments, attempts and leases. */
export const paymentStoreMutants = [
  {
    file: store('payments-of-order.ts'),
    tests: ['services/api/src/payments/open-payment.test.ts'],
    mutants: [{ text: 'and p.hidden_at is null`', replacement: '`', why: 'a hidden QR would be returned to the till again' }],
  },
  {
    file: store('payments.ts'),
    tests: [store('payments.test.ts')],
    mutants: [
      {
        text: 'host_busy_since = coalesce(host_busy_since, $2)',
        replacement: 'host_busy_since = $2',
        why: 'a busy host would be waited for without end',
      },
      { text: 'host_busy_since = null, version', replacement: 'version', why: 'the patience of one write would be counted for the next' },
      { text: ' for update of p`', replacement: '`', why: 'two workers would write the same payment at the same time' },
      {
        text: 'where id = $1 and status = any ($4)\n    returning lease_no',
        replacement: 'where id = $1 and $4::text[] is not null\n    returning lease_no',
        why: 'a paid payment would be marked as cancelled',
      },
      {
        text: 'where id = $1 and version = $2',
        replacement: 'where id = $1 and $2::integer > 0',
        why: 'two writers would overwrite each other without a word',
      },
      { text: 'and id <> $3 and status', replacement: 'and $3::text is not null and status', why: 'the paid payment would be cancelled' },
      {
        text: 'and id <> $3 and status = any ($4)',
        replacement: 'and id <> $3 and $4::text[] is not null',
        why: 'closed payments of the order would be polled again',
      },
      {
        text: 'where host = $1 and order_key = $2 and id <> $3',
        replacement: 'where $1::text is not null and order_key = $2 and id <> $3',
        why: 'the QR of an order with the same key at another host would be hidden',
      },
      {
        text: ' and review_since is null`',
        replacement: '`',
        why: 'a review would begin again with each webhook, and the till would hear of each',
      },
      {
        text: 'where id = $1 and status = any ($3) and review_since is null',
        replacement: 'where id = $1 and $3::text[] is not null and review_since is null',
        why: 'a paid payment would be in review',
      },
      {
        text: 'and review_since is not null and not exists',
        replacement: 'and not exists',
        why: 'closing a discrepancy would cancel a payment that is not in review',
      },
      {
        text: 'where payment_id = $1 and closed_at is null and reason = any ($2)',
        replacement: 'where payment_id = $1 and reason = any ($2)',
        why: 'the review would never end',
      },
    ],
  },
  {
    file: store('show-qr.ts'),
    tests: [store('payments.test.ts')],
    mutants: [
      {
        text: 'status = any ($14) and hidden_at',
        replacement: '$14::text[] is not null and hidden_at',
        why: 'a second QR would replace the one on display',
      },
      {
        text: 'hidden_at is null and cancel_requested_at is null and expires_at > $2',
        replacement: 'cancel_requested_at is null and expires_at > $2',
        why: 'a hidden payment would show its QR',
      },
      {
        text: 'hidden_at is null and cancel_requested_at is null and expires_at > $2',
        replacement: 'hidden_at is null and expires_at > $2',
        why: 'a payment that is being cancelled would show its QR',
      },
      {
        text: 'hidden_at is null and cancel_requested_at is null and expires_at > $2',
        replacement: 'hidden_at is null and cancel_requested_at is null',
        why: 'an expired payment would show its QR',
      },
      {
        text: ' for update),\n    attempt as (',
        replacement: '),\n    attempt as (',
        why: 'showing a QR would lock the attempt before the payment, and deadlock with the writer',
      },
      {
        text: "and a.no = $8 and a.status = 'sending'",
        replacement: 'and a.no = $8',
        why: 'the QR of an attempt that was given up would be shown, while its charge is cancelled',
      },
      {
        text: 'where a.payment_id = wanted.id and a.no = $8',
        replacement: 'where a.no = $8',
        why: 'the attempts of other payments would be opened',
      },
      {
        text: "insertEvent('from shown')",
        replacement: 'insertEvent()',
        why: 'payment.pending would be announced for a QR that is not shown',
      },
    ],
  },
  {
    file: store('begin-attempts.ts'),
    tests: [store('attempts.test.ts')],
    mutants: [
      {
        text: 'and lease_no = $9',
        replacement: 'and $9::integer >= 0',
        why: 'a worker that lost its lease would ask a provider for a second QR',
      },
      {
        text: 'status = $10 and cancel_requested_at',
        replacement: '$10::text is not null and cancel_requested_at',
        why: 'a provider would be asked for a QR while one is on display',
      },
      {
        text: 'and cancel_requested_at is null and',
        replacement: 'and',
        why: 'a provider would be asked for the QR of a cancelled payment',
      },
      { text: ' and expires_at > $6', replacement: '', why: 'a provider would be asked for a QR that no guest may scan' },
      {
        text: '    on conflict (payment_id, no) do nothing\n    returning reference`',
        replacement: '    returning reference`',
        why: 'a charge job that is delivered twice would fail',
      },
      {
        text: '      on conflict (payment_id, no) do nothing\n      returning payment_id, reference)',
        replacement: '      returning payment_id, reference)',
        why: 'a new charge job that is delivered twice would fail',
      },
      {
        text: 'and p.expires_at > w.at and',
        replacement: 'and',
        why: 'a provider would be asked for a QR that no guest may scan',
      },
      {
        text: ' and p.status = $8',
        replacement: ' and $8::text is not null',
        why: 'a provider would be asked for a QR while one is on display',
      },
      {
        text: ' and p.lease_no = w.lease_no',
        replacement: '',
        why: 'two workers would make a QR for one payment',
      },
      {
        text: ' and p.cancel_requested_at is null and p.review_since is null',
        replacement: ' and p.review_since is null',
        why: 'a provider would be asked for the QR of a cancelled payment',
      },
      {
        text: 'p.cancel_requested_at is null and p.review_since is null\n',
        replacement: 'p.cancel_requested_at is null\n',
        why: 'a second QR could be paid while a report of payment is unconfirmed',
      },
      {
        text: ' and p.check_at >= w.lease_until',
        replacement: '',
        why: 'another worker would take the payment over during the call',
      },
      {
        text: ' and not exists (select from gateway.attempts a where a.payment_id = p.id)\n        for no key update of p',
        replacement: '\n        for no key update of p',
        why: 'a payment whose worker died in the call would get no QR',
      },
      {
        text: 'set check_at = $8 where id = $1',
        replacement: 'set check_at = coalesce(check_at, $8) where id = $1',
        why: 'another worker would take the payment over during the call',
      },
      {
        text: "'attempts-begin-first', ' skip locked'",
        replacement: "'attempts-begin-first', ''",
        why: 'the QRs of several tills would wait for a payment that is locked',
      },
      {
        text: 'starts.length > 1 ? undefined : null',
        replacement: 'null',
        why: 'a job that is delivered twice at the same time would ask a provider twice',
      },
    ],
  },
  {
    file: store('attempts.ts'),
    tests: [store('attempts.test.ts')],
    mutants: [
      {
        text: `\n      and not exists (select from gateway.host_writes w where w.payment_id = p.id and w.step = 'paid' and w.done_at is null)`,
        replacement: '',
        why: 'money for what is due would be refunded as a duplicate of money that the host then refuses',
        tests: ['services/worker/src/jobs/write-host.test.ts'],
      },
      { text: " and status in ('sending', 'unknown', 'open')", replacement: '', why: 'a late answer would undo money of a paid attempt' },
      {
        text: 'provider_charge_id = coalesce($5, provider_charge_id)',
        replacement: 'provider_charge_id = $5',
        why: 'the charge could not be looked up by its id any more',
      },
      { text: "and status = 'sending' and no <= $3", replacement: 'and no <= $3', why: 'the QR on display would be cancelled as lost' },
      {
        text: "and status = 'sending' and no <= $3",
        replacement: "and status = 'sending' and $3::integer > 0",
        why: 'the attempt of a newer worker would be given up',
      },
      { text: 'and no <> $2 and', replacement: 'and $2::integer > 0 and', why: 'the charge that was paid would be cancelled' },
      { text: " and status in ('sending', 'open', 'unknown')", replacement: '', why: 'attempts that have ended would be looked up again' },
      {
        text: 'lease_no = $4 and resolve_at',
        replacement: '$4::integer >= 0 and resolve_at',
        why: 'a charge that must be cancelled now would be cancelled hours later',
      },
      { text: ' and resolve_at is not null`', replacement: '`', why: 'an attempt that has ended would be looked up again' },
      {
        text: 'case when $7::timestamptz is null then 0 else 1 end',
        replacement: '0',
        why: 'a look-up that was running would postpone the cancelling of the charge',
      },
      {
        text: 'resolve_at = $2, lease_no = lease_no + 1',
        replacement: 'resolve_at = $2',
        why: 'a look-up that was running would postpone the cancelling of the charge',
      },
      {
        text: 'resolve_at = $3, lease_no = lease_no + 1',
        replacement: 'resolve_at = $3',
        why: 'a look-up that was running would postpone the cancelling of the charge',
      },
      {
        text: "case status when 'sending' then 'unknown' else status end",
        replacement: 'status',
        why: 'a charge job would wait for an answer that never comes',
      },
    ],
  },
  {
    file: store('leases.ts'),
    tests: [store('leases.test.ts')],
    mutants: [
      {
        text: 'select from gateway.payments where id = $1 and lease_no = $2',
        replacement: 'select from gateway.payments where id = $1 and $2::integer >= 0',
        why: 'a superseded job would use up a poll slot',
        tests: [store('payments.test.ts')],
      },
      {
        text: 'when lease_no = $2 and check_at',
        replacement: 'when $2::integer >= 0 and check_at',
        why: 'a cancel that came during a poll would wait for the next poll',
        tests: [store('payments.test.ts')],
      },
      {
        text: 'when lease_no = $2 and check_at is not null then',
        replacement: 'when lease_no = $2 then',
        why: 'a settled payment would be polled again',
        tests: [store('payments.test.ts')],
      },
      {
        text: 'checked_at = coalesce($4, checked_at)',
        replacement: 'checked_at = $4',
        why: 'the till would not learn when the provider last answered',
        tests: [store('payments.test.ts')],
      },
      {
        text: " and (status = 'created') = any ($7)",
        replacement: ' and $7::boolean[] is not null',
        why: 'other work would take the places that are kept for tills',
      },
      {
        text: 'where check_at > $3 and',
        replacement: 'where $3::timestamptz is not null and',
        why: 'each sweep would read the dead rows below its watermark',
      },
      { text: "(check_at <= $1 or status = 'pending')", replacement: '(true)', why: 'a charge would be started twice, ahead of its time' },
      { text: 'skip locked) due', replacement: ') due', why: 'one locked payment would stop the sweep' },
      {
        text: 'end, lease_no = lease_no + 1',
        replacement: 'end, lease_no = lease_no',
        why: 'a job that was lost could not be told from its successor',
      },
      {
        text: ' and review_since is null as "isExpired"',
        replacement: ' as "isExpired"',
        why: 'a payment whose guest may have paid would expire',
      },
      {
        text: 'asked_at < $5 or checked_at >= asked_at',
        replacement: 'true or asked_at < $5',
        why: 'a till that repeats its request would cause a call each time',
      },
      { text: ' or checked_at >= asked_at', replacement: '', why: 'a till would wait although its earlier request was answered' },
    ],
  },
];
