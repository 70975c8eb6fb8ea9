const job = (name) => `services/worker/src/jobs/${name}`;
const writer = 'services/worker/src/settling/payment-writer.test.ts';
const lockOrder = 'services/worker/src/settling/lock-order.test.ts';

/** The order of steps in jobs, and the lease that each job compares. */
export const jobMutants = [
  {
    file: 'services/worker/src/charging/ask-provider.ts',
    tests: [job('charge.test.ts')],
    mutants: [
      {
        text: '(await beginAttempt(host, { ...input, paymentId: payment.id }, limitMs));',
        replacement:
          '(setTimeout(() => void beginAttempt(host, { ...input, paymentId: payment.id }, limitMs), 5), [payment.reference, input.no].join("-"));',
        why: 'the charge of a worker that dies in the call would never be found',
      },
      {
        text: "if (!reference) return { kind: 'superseded'",
        replacement: "if (false) return { kind: 'superseded'",
        why: 'a worker that lost its lease would call the provider',
      },
      {
        text: "if (result === 'not_shown') return concludeNotShown",
        replacement: "if (result === ('never' as string)) return concludeNotShown",
        why: 'a charge whose QR was not shown would stay payable',
      },
      {
        text: "const resolveAt = status === 'unknown' ? now : null;",
        replacement: 'const resolveAt = null;',
        why: 'a charge that may exist would stay payable',
      },
      { text: 'if (!check.ok) {', replacement: 'if (false) {', why: 'a QR with another amount would be shown' },
      {
        text: 'isBeingMade && current.leaseNo === leaseNo',
        replacement: 'isBeingMade',
        why: 'a worker that lost its lease would ask the next provider',
      },
    ],
  },
  {
    file: 'services/worker/src/charging/read-to-charge.ts',
    tests: [job('charge.test.ts')],
    mutants: [
      { text: ' || found.payment.leaseNo !== leaseNo', replacement: '', why: 'two workers would make a QR for one payment' },
      {
        text: 'if (first?.reference === null) return null;',
        replacement: '',
        why: 'a job that is delivered twice would begin the attempt again',
        equivalent: 'to begin it finds the attempt, and the job ends in the same way',
      },
    ],
  },
  {
    file: job('charge.ts'),
    tests: [job('charge.test.ts')],
    mutants: [
      {
        text: 'if (payment.expiresAt <= now) return giveUp(',
        replacement: 'if (payment.expiresAt < now) return giveUp(',
        why: 'a provider would be asked for a QR that no guest may scan',
      },
      {
        text: 'if (payment.reviewSince) return holdForReview(',
        replacement: 'if (false) return holdForReview(',
        why: 'a guest who may have paid would get a second QR',
      },
      { text: 'if (earlier.isSending) await', replacement: 'if (false) await', why: 'the charge of a worker that died would stay payable' },
      {
        text: "if (result.verdict === 'stale') return 'superseded';",
        replacement: '',
        why: 'the till would get the answer of a worker that lost its lease',
      },
    ],
  },
  {
    file: job('verify-webhook.ts'),
    tests: [job('verify-webhook.test.ts'), job('webhook-questions.test.ts')],
    mutants: [
      {
        text: 'if (paid && deps.clock.now() < plusMs(paid.receivedAt, webhookInbox.verifyWithinMs))',
        replacement: 'if (paid)',
        why: 'a job that comes late would ask beside the one of the sweep, and beside the budget of the account',
      },
      { text: "if (webhook.leaseNo !== leaseNo) return 'superseded';", replacement: '', why: 'two workers would verify the same webhook' },
      { text: '!found || found.webhook.processedAt', replacement: '!found', why: 'a webhook with a verdict would be verified again' },
      {
        text: 'if (!isSameAccount(attempt, webhook)) return',
        replacement: 'if (false) return',
        why: 'a webhook of another account would be trusted',
      },
      {
        text: 'isRefundMissing || providerLagsBehind(charge.status, reportedStatus)',
        replacement: 'isRefundMissing',
        why: 'a lagging answer would be applied, and the money be lost',
      },
      {
        text: "attempt?.status === 'paid') return false;",
        replacement: 'false) return false;',
        why: 'a payment that was confirmed meanwhile would be held for review',
      },
      {
        text: 'webhookInbox.conclude(trx, webhook, verdictOf(result), clock.now())',
        replacement: 'Promise.resolve()',
        why: 'an applied webhook would be verified for ever',
      },
      {
        text: 'if (delayMs === undefined) return conclude(',
        replacement: 'if (false) return conclude(',
        why: 'a webhook about an unknown charge would never be parked',
      },
    ],
  },
  {
    file: 'services/worker/src/settling/webhook-question.ts',
    tests: [job('webhook-questions.test.ts')],
    mutants: [
      {
        text: "return isFirstOfMoney ? 'reserveForMoney' : 'reserve';",
        replacement: "return 'reserve';",
        why: 'money for a hidden QR would wait behind polls',
      },
      {
        text: "webhook.isFirstReport && webhook.reportedStatus === 'paid'",
        replacement: "webhook.reportedStatus === 'paid'",
        why: 'a captured webhook that is repeated would take the place of polls',
      },
    ],
  },
  {
    file: job('refund.ts'),
    tests: [job('refund.test.ts')],
    mutants: [
      { text: "if (refund.leaseNo !== leaseNo) return 'superseded';", replacement: '', why: 'two workers would request the same refund' },
      {
        text: "if (refund?.status !== 'pending') return 'already_done';",
        replacement: "if (!refund) return 'already_done';",
        why: 'a final refund would be looked up for ever',
      },
      {
        text: "if (!(await refunds.begin(host.db.pool, refund, deps.clock.now()))) return { kind: 'unknown', reason: 'superseded' };",
        replacement: '',
        why: 'a refund would be requested twice when its answer is lost',
      },
      {
        text: '!refund.askedAt && !refund.providerRefundId',
        replacement: '!refund.askedAt',
        why: 'a refund that an operator found at the provider would be requested again',
      },
      {
        text: 'return isFirst && wasNotCarriedOut(error)',
        replacement: 'return wasNotCarriedOut(error)',
        why: 'a refund would be requested again after a look-up that failed',
      },
      {
        text: 'return traits.repeatsRefundsSafely ?',
        replacement: 'return true ?',
        why: 'a refund would be carried out twice at a provider that repeats it',
      },
      {
        text: 'if (providerRefundId) await refunds.clear',
        replacement: 'if (false) await refunds.clear',
        why: 'a wrong id of a webhook would hide the refund for ever',
      },
    ],
  },
  {
    file: job('write-host.ts'),
    tests: [job('write-host.test.ts'), writer, job('refund.test.ts')],
    mutants: [
      {
        text: 'host.orders.lockOrder(trx, { orderKey, tenant })',
        replacement: 'payments.lock(trx, id).then(() => host.orders.lockOrder(trx, { orderKey, tenant }))',
        why: 'a host write and a till that creates a payment for the order would deadlock',
        tests: [lockOrder],
      },
      {
        text: 'if (!payment || !hostWrite) return null;',
        replacement: 'if (!payment) return null;',
        why: 'a host write would be carried out twice',
      },
      { text: 'if (!accepted) return finishObsolete(context);', replacement: '', why: 'the host would record money that went back' },
      {
        text: 'const isDuplicate = due !== null && due < payment.amount',
        replacement: 'const isDuplicate = due !== null && due < 0',
        why: 'an order that was paid otherwise meanwhile would be paid twice',
      },
      { text: 'payments.hideSiblings(trx, payment, now),', replacement: '', why: 'a second QR of a paid order would stay on display' },
      {
        text: 'accepted: tookEffect, unbooked',
        replacement: 'accepted: true, unbooked',
        why: 'money that the host refused would count as accepted',
      },
      {
        text: 'await attempts.save(trx, { ...accepted, accepted: false, unbooked: false });',
        replacement: '',
        why: 'money that goes back would count as accepted, and two refunds could reserve it',
      },
      {
        text: 'if (payment.status !== hostWrite.step && !isNotKept) return',
        replacement: 'if (false) return',
        why: 'the host would hear of an expiry after the money',
      },
      {
        text: "if (hostWrite.leaseNo !== leaseNo) return 'superseded';",
        replacement: '',
        why: 'two workers would carry out the same host write',
      },
      {
        text: "each.status === 'succeeded' && each.attemptNo",
        replacement: 'each.attemptNo',
        why: 'the host would record a refund that failed',
      },
      { text: ' && each.updatedAt <= updatedAt', replacement: '', why: 'the host would record a refund twice when two were deferred' },
    ],
  },
  {
    file: job('check-payment.ts'),
    tests: [job('check-payment.test.ts'), job('close-payment.test.ts')],
    mutants: [
      {
        text: "if (payment?.leaseNo !== leaseNo) return 'superseded';",
        replacement: '',
        why: 'every claim of a payment would call the provider, and the budget of calls be spent',
      },
      {
        text: "payment.status !== 'pending' && charge?.status === 'open'",
        replacement: 'false',
        why: 'the charge of a closed payment would stay payable',
      },
    ],
  },
  {
    file: job('close-payment.ts'),
    tests: [job('close-payment.test.ts')],
    mutants: [
      {
        text: "if (payment?.leaseNo !== leaseNo) return 'superseded';",
        replacement: '',
        why: 'a payment that was claimed again would be closed twice at the provider',
      },
      {
        text: "result.verdict === 'busy' || result.payment.status !== 'pending'",
        replacement: "result.verdict === 'busy'",
        why: 'a payment that was paid first would be closed',
        equivalent: 'planClose refuses to close a payment that is not open, so the condition only saves a second transaction',
      },
      {
        text: "answer.charge?.status === 'open' ? { kind: 'failed'",
        replacement: "false ? { kind: 'failed'",
        why: 'a payment would be closed while its charge can be paid',
      },
      {
        text: "answer.kind === 'failed' && now <",
        replacement: 'false && now <',
        why: 'a payment would be closed while its provider cannot be asked',
      },
    ],
  },
  {
    file: job('resolve-attempt.ts'),
    tests: [job('resolve-attempt.test.ts')],
    mutants: [
      {
        text: "if (attempt?.leaseNo !== leaseNo) return 'superseded';",
        replacement: '',
        why: 'two workers would look up and cancel the same charge',
      },
      {
        text: "charge?.status === 'open' ? withTimeLimit",
        replacement: 'false ? withTimeLimit',
        why: 'a charge whose QR was never shown would stay payable',
      },
      {
        text: 'traits.findsUnpaidByReference || attempt.providerChargeId !== null',
        replacement: 'true',
        why: 'a charge at a provider that shows only money would be given up after minutes',
      },
    ],
  },
];
