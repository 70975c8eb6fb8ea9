const rule = (name) => `packages/shared/src/payment/${name}`;

/** The rules of `shared/payment`: pure functions and tables. */
export const ruleMutants = [
  {
    file: rule('arriving-money.ts'),
    tests: [rule('arriving-money.test.ts')],
    mutants: [
      {
        text: 'if (received < payment.amount)',
        replacement: 'if (received <= payment.amount)',
        why: 'the exact amount would pay no order',
      },
      { text: 'if (received < payment.amount)', replacement: 'if (false)', why: 'too little money would pay the whole order' },
      {
        text: 'const isAboveDue = received > payment.amount',
        replacement: 'const isAboveDue = received >= payment.amount',
        why: 'every payment would open a review',
      },
      {
        text: 'due > 0 && due < payment.amount)',
        replacement: 'due > 0 && due < 0)',
        why: 'no operator would return what a smaller bill overpaid',
      },
      {
        text: 'status === null || (due',
        replacement: 'status === null && (due',
        why: 'the second money of a settled payment would stay here',
      },
      {
        text: 'due < payment.amount && (isPaidElsewhere || due <= 0)',
        replacement: 'due <= 0 && (isPaidElsewhere || due <= 0)',
        why: 'money for an order that was paid in part in cash would be taken twice',
      },
      { text: '(isPaidElsewhere || due <= 0)', replacement: '(isPaidElsewhere)', why: 'an order that owes nothing would be paid' },
      {
        text: '(isPaidElsewhere || due <= 0)',
        replacement: '(true)',
        why: 'all money would go back when a dish was taken off the bill',
      },
      { text: "if (isLate && lateMoney === 'hold')", replacement: "if (lateMoney === 'hold')", why: 'money in time would be held' },
      { text: "if (isLate && lateMoney === 'refund')", replacement: "if (lateMoney === 'refund')", why: 'money in time would be refunded' },
      { text: 'if (!isClosed(payment)) return false;', replacement: '', why: 'money for an open payment could be judged as late' },
      {
        text: 'if (!paidAt) return true;',
        replacement: 'if (!paidAt) return false;',
        why: 'late money without a time would never be late',
      },
      {
        text: 'Math.min(payment.expiresAt.getTime()',
        replacement: 'Math.max(payment.expiresAt.getTime()',
        why: 'money after the QR was hidden would be in time',
      },
      {
        text: 'paidAt.getTime() + paidAtResolutionMs > closedAt',
        replacement: 'paidAt.getTime() > closedAt',
        why: 'money after the end would be in time, because providers cut the milliseconds',
      },
      {
        text: 'paidAt.getTime() + paidAtResolutionMs > closedAt',
        replacement: 'paidAt.getTime() + paidAtResolutionMs >= closedAt',
        why: 'money in the last second in time would be late',
      },
      {
        text: 'return received > payment.amount ? reviews : neverShown;',
        replacement: 'return reviews;',
        why: 'a duplicate would open a review although all of it goes back',
      },
      {
        text: 'payment.shownAttempt === attemptNo ? []',
        replacement: 'payment.shownAttempt !== attemptNo ? []',
        why: 'money by a QR that was never shown would open no review',
      },
    ],
  },
  {
    file: rule('payment-lifecycle.ts'),
    tests: [rule('payment-lifecycle.test.ts')],
    mutants: [
      { text: "{ from: ['created'], to: 'pending'", replacement: "{ from: open, to: 'pending'", why: 'a second QR could be displayed' },
      {
        text: "{ from: closed, to: 'paid', event: 'payment.paid_late'",
        replacement: "{ from: ['expired', 'cancelled'], to: 'paid', event: 'payment.paid_late'",
        why: 'late money of a failed payment would not be recorded',
      },
      {
        text: "{ from: [...open, ...closed], to: 'paid', event: 'payment.duplicate_paid'",
        replacement: "{ from: open, to: 'paid', event: 'payment.duplicate_paid'",
        why: 'a late duplicate would not be recorded',
      },
      {
        text: "{ from: ['pending'], to: 'expired'",
        replacement: "{ from: open, to: 'expired'",
        why: 'a payment without a QR would expire',
      },
      {
        text: "{ from: ['paid', 'partially_refunded'], to: 'refunded'",
        replacement: "{ from: ['paid'], to: 'refunded'",
        why: 'the last of several refunds would not be recorded',
      },
      {
        text: "'order.paid': settled,",
        replacement: "'order.paid': paymentStatuses,",
        why: 'the kitchen could cook before the money is there',
      },
      {
        text: "'payment.duplicate_paid': settled,",
        replacement: "'payment.duplicate_paid': paymentStatuses,",
        why: 'a duplicate could be announced without its status',
      },
      {
        text: 'row.event === event && row.from.includes(from)',
        replacement: 'row.event === event',
        why: 'a refunded payment could be paid again',
      },
      {
        text: 'if (!announcements[event]?.includes(payment.status))',
        replacement: 'if (!announcements[event])',
        why: 'an event could be announced in any status',
      },
    ],
  },
  {
    file: rule('status-after.ts'),
    tests: [rule('status-after.test.ts')],
    mutants: [
      {
        text: "cancelled: { open: null, paid: 'paid'",
        replacement: 'cancelled: { open: null, paid: null',
        why: 'money of a cancelled charge would be lost',
      },
      {
        text: "expired: { open: null, paid: 'paid'",
        replacement: 'expired: { open: null, paid: null',
        why: 'money of an expired charge would be lost',
      },
      {
        text: "rejected: { open: 'unknown'",
        replacement: 'rejected: { open: null',
        why: 'the charge of a rejected request would stay payable',
      },
      { text: "absent: { open: 'unknown'", replacement: 'absent: { open: null', why: 'a charge that appears late would stay payable' },
      {
        text: "unknown: { open: null, paid: 'paid'",
        replacement: "unknown: { open: 'open', paid: 'paid'",
        why: 'the QR of an unknown attempt would count as displayed',
      },
      {
        text: 'paid: { open: null, paid: null, expired: null',
        replacement: "paid: { open: null, paid: null, expired: 'expired'",
        why: 'an old answer would undo money',
      },
      { text: "return isSettled(payment) ? null : 'paid';", replacement: "return 'paid';", why: 'a settled payment would be paid again' },
      {
        text: ' || payment.shownAttempt !== attemptNo)',
        replacement: ')',
        why: 'the end of a charge that was never shown would close the QR on display',
      },
      {
        text: "!closedStatus || payment.status !== 'pending' ||",
        replacement: '!closedStatus ||',
        why: 'a closed payment would be closed again',
      },
      {
        text: 'return payment.closingAs ?? closedStatus;',
        replacement: 'return closedStatus;',
        why: 'our expiry would be reported as a cancel',
      },
    ],
  },
  {
    file: rule('bill.ts'),
    tests: [rule('bill.test.ts')],
    mutants: [
      { text: '.gt(bill.paid)', replacement: '.gte(bill.paid)', why: 'a smaller bill would look as if it had been paid elsewhere' },
      { text: 'amount > qrisCeiling', replacement: 'amount >= qrisCeiling', why: 'the highest amount of QRIS would be refused' },
      { text: 'amount < 1 || ', replacement: '', why: 'a QR for zero rupiah would be made' },
      { text: 'new Big(residue).abs().gt(', replacement: 'new Big(residue).gt(', why: 'rounding down could change a bill without limit' },
      {
        text: 'difference.abs().lte(tolerance)',
        replacement: 'difference.lte(tolerance)',
        why: 'a bill whose lines are missing would be charged',
      },
      {
        text: "policy.record === 'host_due'",
        replacement: "policy.record !== 'host_due'",
        why: 'the host would record another amount than it owes',
      },
      {
        text: 'filter(({ included }) => !included)',
        replacement: 'filter(() => true)',
        why: 'a tax that is in the prices would be added again',
      },
      {
        text: 'if (tolerance === null) return;',
        replacement: 'return;',
        why: 'a mistake in the SQL of a host would become a wrong charge',
      },
    ],
  },
  {
    file: rule('payment.ts'),
    tests: ['packages/shared/src/store/payments/payments.test.ts'],
    mutants: [
      { text: 'payment.hiddenAt === null &&', replacement: '', why: 'a hidden QR would be shown' },
      { text: 'payment.cancelRequestedAt === null &&', replacement: '', why: 'the QR of a payment that is being cancelled would be shown' },
      { text: 'payment.expiresAt > now', replacement: 'payment.expiresAt >= now', why: 'a QR would be shown at its expiry' },
      { text: "payment.status === 'pending' &&", replacement: '', why: 'the QR of a paid payment would be shown' },
    ],
  },
  {
    file: rule('qris.ts'),
    tests: [rule('qris.test.ts')],
    mutants: [
      {
        text: 'if (qris.amount !== amount)',
        replacement: 'if (qris.amount !== null && qris.amount !== amount)',
        why: 'a QR in which the guest types the amount would be shown',
      },
      { text: 'if (crc.stated !== crc.computed)', replacement: 'if (false)', why: 'a damaged QR would be shown' },
      { text: "if (found('53') !== '360')", replacement: 'if (false)', why: 'a QR in another currency would be shown' },
      { text: "return mode === 'test' ?", replacement: 'return true ?', why: 'text that is no QR would be shown to real guests' },
      {
        text: 'value.length < length || fields.has(tag)',
        replacement: 'value.length < length',
        why: 'a second amount could hide the first',
      },
    ],
  },
  {
    file: rule('rupiah.ts'),
    tests: [rule('rupiah.test.ts')],
    mutants: [
      { text: '(?:\\.0+)?$/', replacement: '(?:\\.\\d+)?$/', why: 'a fraction of a rupiah would be cut without a word' },
      { text: '|| amount < 0)', replacement: ')', why: 'a negative amount would count as money' },
    ],
  },
];
