const settling = (name) => `services/worker/src/settling/${name}`;
const writerTests = [settling('payment-writer.test.ts'), settling('money-rules.test.ts')];

/** The transactions that write money and refunds, and when late money is polled for. */
export const settlingMutants = [
  {
    file: settling('payment-writer.ts'),
    tests: writerTests,
    mutants: [
      {
        text: 'withUnbooked(reads.order.paid, unbooked)',
        replacement: '{ paid: reads.order.paid, booked: [] as never[] }',
        why: 'money of a second QR would be accepted while the host books the first',
        tests: [settling('host-books.test.ts')],
      },
      {
        text: 'order !== null && isPaidElsewhere(order.paid, payment.bill)',
        replacement: 'false',
        why: 'money for an order that was paid in part in cash would be taken twice',
      },
      {
        text: "extraWrites ? extraWrites(trx, 'stale') : null",
        replacement: 'null',
        why: 'a webhook that came after the poll would be verified for ever',
        tests: ['services/worker/src/jobs/verify-webhook.test.ts'],
      },
      {
        text: 'isBusy(error) || !(isOfUsualCase || isTransient(error))',
        replacement: '!(isOfUsualCase || isTransient(error))',
        why: 'a job would wait twice for a locked order',
        tests: ['services/worker/src/sweep/locked-orders.test.ts'],
      },
      {
        text: 'isBusy(error) || !(isOfUsualCase || isTransient(error))',
        replacement: 'isBusy(error) || !isTransient(error)',
        why: 'money that the host refuses would make the job fail again and again',
      },
    ],
  },
  {
    file: settling('locked-reads.ts'),
    tests: [settling('lock-order.test.ts')],
    mutants: [
      {
        text: 'host.orders.lockOrder(trx, key)',
        replacement: 'payments.lock(trx, key.id).then(() => host.orders.lockOrder(trx, key))',
        why: 'the writer and a till that creates a payment for the order would deadlock',
      },
      {
        text: 'payments.lock(trx, key.id)',
        replacement: 'payments.find(trx, key.id)',
        why: 'a till that cancels at the same time would make the money fail',
      },
      {
        text: 'and (select count(*) from host_order) >= 0 for update of p',
        replacement: 'for update of p',
        why: 'money would be judged without the lock of its order, beside cash at the till',
      },
      {
        text: 'orders.parts.lockedOrder(key)',
        replacement: 'orders.parts.order(key)',
        why: 'money would be judged without the lock of its order, beside cash at the till',
      },
      {
        text: '>= 0 for update of p',
        replacement: '>= 0',
        why: 'a till that cancels at the same time would make the money fail',
      },
      {
        text: 'mayHaveSiblings: first.mayHaveSiblings',
        replacement: 'mayHaveSiblings: false',
        why: 'a second QR of a paid order would stay on display',
        tests: [settling('payment-writer.test.ts')],
      },
      {
        text: 'mayBeUnconfirmed: payment !== null && mayBeUnconfirmed(payment)',
        replacement: 'mayBeUnconfirmed: false',
        why: 'an operator would look for money that is confirmed',
        tests: ['services/worker/src/jobs/verify-webhook.test.ts'],
      },
      {
        text: 'released: first.released.flat()',
        replacement: 'released: []',
        why: 'the kitchen would cook again what an earlier release listed',
        tests: [settling('host-books.test.ts'), settling('both-hosts.test.ts')],
      },
      {
        text: 'unbooked: first.unbookedMoney',
        replacement: 'unbooked: []',
        why: 'money of a second QR would be accepted while the host books the first',
        tests: [settling('host-books.test.ts')],
      },
    ],
  },
  {
    file: settling('written-changes.ts'),
    tests: writerTests,
    mutants: [
      {
        text: 'unbooked: accepted && !isBooked',
        replacement: 'unbooked: false',
        why: 'the money of a deferred host write would be owed again',
        tests: [settling('host-books.test.ts'), settling('kept-money.test.ts'), settling('money-rules.test.ts')],
      },
      {
        text: 'const accepted = accepts && (tookEffect || hostError !== null)',
        replacement: 'const accepted = accepts',
        why: 'money that the host refused would count as accepted',
      },
      {
        text: 'const accepted = accepts && (tookEffect || hostError !== null)',
        replacement: 'const accepted = accepts && tookEffect',
        why: 'the deferred host write would find no money that pays the order',
      },
      {
        text: '...(accepts && tookEffect && before.mayHaveSiblings ? [payments.hideSiblings(to, payment, now)] : []),',
        replacement: '',
        why: 'a second QR of a paid order would stay on display',
      },
      {
        text: '...(accepts && tookEffect && before',
        replacement: '...(accepts && before',
        why: 'the other QR would be hidden as paid although the host refused the money',
      },
      {
        text: '...(accepts && tookEffect ? [events.releaseOrder',
        replacement: '...(accepts ? [events.releaseOrder',
        why: 'the kitchen would cook an order that is not paid',
      },
      {
        text: 'before.attempts.length > 1 ? attempts.cancelOthers(to, attempt, now) : null',
        replacement: 'null',
        why: 'a second charge of a paid payment would stay payable',
      },
      {
        text: "? discrepancies.resolve(to, attempt, 'paid_unconfirmed', now, 'the provider confirmed it')",
        replacement: '? null',
        why: 'an operator would look for money that is confirmed',
        tests: ['services/worker/src/jobs/verify-webhook.test.ts'],
      },
      {
        text: '...(hostStep && hostError ? [',
        replacement: "...(hostStep === 'expired' && hostError ? [",
        why: 'a busy host would never learn that its order is paid',
      },
      {
        text: "hostStep === 'paid' && hostResult !== null && !tookEffect",
        replacement: 'hostResult !== null && !tookEffect',
        why: 'each expiry that a host does not record would open a discrepancy',
      },
      {
        text: ' || reviews.length > 0 || refund) return false;',
        replacement: ') return false;',
        why: 'money with a review would be written twice, and the first time would be lost',
        equivalent:
          'two events have steps of the same name, so PostgreSQL refuses the statement, and everything runs step by step; the condition saves the try',
      },
    ],
  },
  {
    file: settling('conclude-refund.ts'),
    tests: [settling('conclude-refund.test.ts'), settling('kept-money.test.ts'), 'services/worker/src/jobs/refund.test.ts'],
    mutants: [
      {
        text: 'host.orders.lockOrder(trx, payment)',
        replacement: 'payments.lock(trx, payment.id).then(() => host.orders.lockOrder(trx, payment))',
        why: 'a refund and a till that creates a payment for the order would deadlock',
        tests: [settling('lock-order.test.ts')],
      },
      {
        text: 'attempt.no === locked.settledAttempt',
        replacement: 'attempt.accepted',
        why: 'money that was returned would still count as kept',
      },
      {
        text: 'if (!(await refunds.finish(trx, refund, { ...result, failure, at: now }))) return;',
        replacement: 'await refunds.finish(trx, refund, { ...result, failure, at: now });',
        why: 'a refund would count twice',
      },
      {
        text: "refunded >= payment.received ? 'refunded'",
        replacement: "refunded > payment.received ? 'refunded'",
        why: 'a payment that was returned whole would look partly kept',
      },
      {
        text: 'isCounted && attempt.accepted && isHostsBusiness',
        replacement: 'isCounted && isHostsBusiness',
        why: 'the host would record a refund of money that it never took',
      },
      {
        text: ' && isHostsBusiness(host, updated, refund)',
        replacement: '',
        why: 'the change of an overpaid bill would be a refund of the bill in the host',
      },
      {
        text: "failure && refund.cause !== 'client'",
        replacement: 'failure',
        why: 'an operator would be called although the till knows of the failure',
      },
      {
        text: "failure && refund.cause !== 'client'",
        replacement: 'false',
        why: 'no operator would learn that money could not be returned',
      },
      {
        text: 'if (!isSettled(payment)) return { payment: updated',
        replacement: 'if (false) return { payment: updated',
        why: 'too little money that was returned would not be recorded',
      },
      {
        text: 'if (hostError) await deferRefundWrite(trx, refund, hostError, now);',
        replacement: 'if (hostError) void deferRefundWrite;',
        why: 'a busy host would never learn of the refund',
      },
      {
        text: "await discrepancies.resolve(trx, { paymentId, no: attemptNo }, 'refund_unconfirmed'",
        replacement: "await discrepancies.resolve(trx, { paymentId, no: 0 }, 'refund_unconfirmed'",
        why: 'an operator would look for a refund that is confirmed',
      },
    ],
  },
  {
    file: settling('host-write.ts'),
    tests: [settling('host-write.test.ts')],
    mutants: [
      { text: 'Math.max(received - amount, 0)', replacement: '0', why: 'change would be booked as a refund of the bill' },
      {
        text: 'Math.max(received - amount, 0)',
        replacement: '(received - amount)',
        why: 'a refund of too little money would be booked larger than it is',
      },
      {
        text: 'Math.min(Math.max(sum - change, 0), amount)',
        replacement: 'Math.max(sum - change, 0)',
        why: 'a host would see more refunded than the bill',
      },
      { text: 'ofBill(refunded - refund.amount)', replacement: '0', why: 'the second refund would be booked with the first one in it' },
    ],
  },
  {
    file: settling('late-polling.ts'),
    tests: [settling('next-late-poll.test.ts')],
    mutants: [
      { text: 'watchUntil <= now', replacement: 'watchUntil < now', why: 'the last poll would repeat without end' },
      { text: 'hiddenForMs / 2', replacement: 'hiddenForMs / 2000', why: 'late polling would use up the calls that the provider allows' },
      { text: ', maxDelayMs);', replacement: ', Number.POSITIVE_INFINITY);', why: 'late money would wait for a day' },
      {
        text: 'Math.max(hiddenForMs / 2, minDelayMs)',
        replacement: 'hiddenForMs / 2',
        why: 'a payment that was just hidden would be polled without a pause',
      },
      {
        text: 'earliest(plusMs(now, delayMs), watchUntil)',
        replacement: 'plusMs(now, delayMs)',
        why: 'money in the last hour would be found after the watch ended, or never',
      },
      {
        text: 'latest(watchUntil, plusMs(closedAt, minWindowMs))',
        replacement: 'watchUntil',
        why: 'a payment closed after days would not be polled at all',
      },
    ],
  },
  {
    file: settling('contradictions-of.ts'),
    tests: [settling('contradictions-of.test.ts')],
    mutants: [
      {
        text: "ours?.status === 'succeeded' && status === 'failed'",
        replacement: 'false',
        why: 'no operator would learn that a refund was taken back',
      },
      {
        text: "status === 'failed' || (ours && ours.status !== 'failed')",
        replacement: 'ours',
        why: 'a refund that failed here and was carried out there would go unnoticed',
      },
      {
        text: "status === 'failed' || (ours && ours.status !== 'failed')",
        replacement: "status === 'failed'",
        why: 'our own refund would open a discrepancy',
      },
      {
        text: "ours.status !== 'succeeded' || ours.providerRefundId === null || ours.providerRefundId === providerRefundId",
        replacement: 'true',
        why: 'a second refund under our reference would go unnoticed',
      },
      {
        text: "if (charge.status !== 'paid') return [",
        replacement: 'if (false) return [',
        why: 'money that the provider took back would go unnoticed',
      },
      { text: 'charge.receipt !== receipt', replacement: 'false', why: 'a guest who paid twice would not get the second money back' },
      {
        text: "if (attempt.status !== 'paid') return ofRefunds;",
        replacement: '',
        why: 'a charge that was never paid would be reported as money taken back',
      },
    ],
  },
  {
    file: settling('order-transaction.ts'),
    tests: [settling('order-transaction.test.ts')],
    mutants: [
      {
        text: 'createPoolShare(0.5)',
        replacement: 'createPoolShare(1)',
        why: 'orders that are locked in an editor would take every connection, and tills would get none',
      },
    ],
  },
  {
    file: settling('open-review.ts'),
    tests: writerTests,
    mutants: [
      {
        text: "if (reason === 'late_money_held') return",
        replacement: 'if (false) return',
        why: 'the till would hear twice of money that is held',
      },
    ],
  },
];
