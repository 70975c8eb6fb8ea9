const settling = (name) => `services/worker/src/settling/${name}`;

/** What an answer of a provider changes. */
export const planMutants = [
  {
    file: settling('plan-changes.ts'),
    tests: [settling('plan-changes.test.ts')],
    mutants: [
      {
        text: "state.payment.status !== 'created' || state.payment.leaseNo !== leaseNo",
        replacement: "state.payment.status !== 'created'",
        why: 'a worker that lost its lease would fail a payment whose QR another worker makes',
      },
      {
        text: "state.payment.status !== 'created' || state.payment.leaseNo !== leaseNo",
        replacement: 'state.payment.leaseNo !== leaseNo',
        why: 'a payment with a QR on display would be failed',
      },
      { text: "if (payment.cancelRequestedAt) return 'cancelled';", replacement: '', why: 'a cancel would be reported as an expiry' },
      {
        text: "payment.expiresAt <= now ? 'expired'",
        replacement: "payment.expiresAt < now ? 'expired'",
        why: 'an expiry would be reported as a cancel',
      },
      {
        text: " || (payment.status === 'pending' && payment.reviewSince)",
        replacement: '',
        why: 'a payment whose guest may have paid would be closed',
      },
      { text: '!isOpen(payment) || ', replacement: '', why: 'a closed payment would be closed again' },
      { text: '(payment.cancelReason ?? cause)', replacement: 'cause', why: 'the till would not learn why its payment was cancelled' },
      {
        text: 'watchUntil: latePollingUntil(payment, now)',
        replacement: 'watchUntil: payment.watchUntil',
        why: 'late money would not be found after an outage of days',
      },
      { text: 'checkAt: nextLatePoll(closed, now)', replacement: 'checkAt: null', why: 'late money would be found by its webhook only' },
      {
        text: "state.due === 'unknown' ? payment.amount",
        replacement: "state.due === 'unknown' ? (0 as Rupiah)",
        why: 'money would go back whenever the host is busy',
      },
      { text: 'charge.paidAmount ?? charge.amount', replacement: 'charge.amount', why: 'a wrong amount would not be noticed' },
      {
        text: 'const paidAt = charge.paidAt ?? now',
        replacement: 'const paidAt = now',
        why: 'the time of payment would be the time of the poll',
      },
      {
        text: "hostStep: judged.money === 'accept' ? 'paid' : null",
        replacement: "hostStep: 'paid'",
        why: 'the host would record money that goes back',
      },
      { text: "accepts: judged.money === 'accept'", replacement: 'accepts: true', why: 'the kitchen would cook for money that goes back' },
      {
        text: 'amount: received, cause: judged.refundCause',
        replacement: 'amount: payment.amount, cause: judged.refundCause',
        why: 'a part of the money would stay here',
      },
      {
        text: 'attemptNo === payment.shownAttempt ? null : nextLatePoll(hidden, now)',
        replacement: 'null',
        why: 'the second payment, by the QR that was on display, would not be found',
      },
      {
        text: 'reviewSince: now, checkAt: null',
        replacement: 'reviewSince: null, checkAt: null',
        why: 'a payment with too little money would expire',
      },
      {
        text: 'hiddenAt: payment.hiddenAt ?? now, reviewSince: null',
        replacement: 'hiddenAt: payment.hiddenAt, reviewSince: null',
        why: 'a QR that was paid would stay on display',
      },
      {
        text: "change.attempt === 'unknown' ? state.now : null",
        replacement: 'null',
        why: 'a charge that appeared late would stay payable',
      },
      { text: 'received, settledAttempt: attemptNo }', replacement: 'received }', why: 'refunds of this money would not be counted' },
      {
        text: 'if (!isSettled(payment)) return { payment:',
        replacement: 'if (false) return { payment:',
        why: 'too little money for a closed payment would not be recorded',
      },
      { text: "policy === 'hold' ? [", replacement: "policy === 'refund' ? [", why: 'no operator would learn of money that is held' },
      {
        text: '...(issuer ? { issuer } : {})',
        replacement: 'issuer',
        why: 'an answer without the issuer would erase it, and refunds need it',
      },
    ],
  },
];
