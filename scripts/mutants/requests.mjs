const api = (name) => `services/api/src/${name}`;

/** What requests of a till decide, and the lock of the host's order. */
export const requestMutants = [
  {
    file: api('payments/read-for-payment.ts'),
    tests: [api('payments/open-payment.test.ts')],
    mutants: [
      { text: 'previous && previous.fingerprint !== key?.fingerprint', replacement: 'false', why: 'a key would answer another request' },
      {
        text: "previous && previous.payment.status !== 'failed'",
        replacement: 'previous',
        why: 'a failed payment could not be tried again with its key',
      },
      {
        text: 'if (isKeyUsed) return null;',
        replacement: '',
        why: 'a repeated request would get another payment, or an error',
      },
      {
        text: 'parts.lockedOrder(order)',
        replacement: 'parts.order(order)',
        why: 'a payment would be made beside cash at the till, for an amount that is not due any more',
        tests: [api('payments/create-payment.test.ts')],
      },
      {
        text: 'if (key) return null;',
        replacement: '',
        why: 'a key would not answer while its order is open in an editor',
      },
    ],
  },
  {
    file: api('payments/open-payment.ts'),
    tests: [api('payments/open-payment.test.ts')],
    mutants: [
      {
        text: 'payable.isAtOnce && !current && (await',
        replacement: 'payable.isAtOnce && (await',
        why: 'an order with a QR on display would get another one only after three tries that fail',
        tests: [api('payments/open-payment.test.ts'), api('payments/open-payment-changed-order.test.ts')],
        equivalent:
          'the index of live payments refuses the insert each time, and the last try runs step by step, which hides the first QR; the condition saves the tries',
      },
      {
        text: 'const written = [...bind(statement, payment.id), payments',
        replacement: 'const written = [payments',
        why: 'a repeated request would make a second payment',
      },
      { text: 'return isForAmountDue && ', replacement: 'return ', why: 'the QR of an old amount would be returned' },
      {
        text: 'current.reviewSince || isReusable',
        replacement: 'isReusable',
        why: 'a guest who may have paid would get a second QR',
        tests: [api('payments/create-payment-unconfirmed.test.ts')],
      },
      {
        text: '!live.cancelRequestedAt &&',
        replacement: '',
        why: 'the QR of a payment that is being cancelled would be returned',
        equivalent:
          'asking to cancel hides the payment in the same statement, so a payment that is being cancelled is not live; the condition states the rule where it is read',
      },
      {
        text: 'live.expiresAt.getTime() - now.getTime() >= minRemainingMs',
        replacement: 'true',
        why: 'a QR that expires while the guest opens the app would be returned',
      },
      {
        text: "current && payments.hide(trx, current.id, 'replaced', now),",
        replacement: 'null,',
        why: 'an order would have two QRs, or none could be made',
      },
    ],
  },
  {
    file: api('payments/order-transaction.ts'),
    tests: [api('payments/order-transaction.test.ts')],
    mutants: [
      {
        text: 'createPoolShare(0.25)',
        replacement: 'createPoolShare(1)',
        why: 'presses on a locked order would take every connection, and other tills would get none',
      },
      {
        text: ', { lockTimeoutMs: firstLockTimeoutMs }',
        replacement: '',
        why: 'presses on a locked order would hold a connection for two seconds before they wait in their share',
      },
    ],
  },
  {
    file: 'packages/shared/src/postgres/pool-share.ts',
    tests: ['packages/shared/src/postgres/pool-share.test.ts'],
    mutants: [
      { text: 'if (next) next();', replacement: 'if (next) void next;', why: 'work that waits for its turn would wait for ever' },
      {
        text: 'this.#waiting.delete(waiter);\n        giveUp',
        replacement: 'giveUp',
        why: 'a place would be given to a call that has given up, and be lost: the next one waits for ever',
        hangs: true,
      },
    ],
  },
  {
    file: api('payments/refund-payment.ts'),
    tests: [api('payments/refund-payment.test.ts')],
    mutants: [
      {
        text: 'await idempotencyKeys.bind(trx, key, key.fingerprint, refund.id, now);',
        replacement: '',
        why: 'a repeated request would refund twice',
      },
      {
        text: 'previous?.fingerprint === key.fingerprint) return',
        replacement: 'false) return',
        why: 'two requests at the same time would be answered with an error, or refund twice',
      },
      { text: 'if (previous.fingerprint !== key.fingerprint)', replacement: 'if (false)', why: 'a key would answer another refund' },
    ],
  },
  {
    file: 'packages/operations/src/refunds/open-refund.ts',
    tests: [api('payments/refund-payment.test.ts')],
    mutants: [
      {
        text: 'if (!refund) throw exceedsPaid(money.left);',
        replacement: '',
        why: 'a refund that was not opened would be an error and no answer',
        equivalent:
          'every refund is opened while the payment is locked, and the amount left was read under this lock, so the reservation cannot fail here; the compiler needs the case',
      },
      {
        text: 'amount >= approvalFrom',
        replacement: 'amount > approvalFrom',
        why: 'a refund of exactly that amount would need no second person',
      },
    ],
  },
  {
    file: 'packages/shared/src/host/host-reads.ts',
    tests: ['packages/shared/src/host/host-orders.test.ts'],
    mutants: [
      {
        text: 'orderFrom(await Promise.allSettled([send(), send()]), tenant)',
        replacement: 'orderFrom(await Promise.allSettled([send()]), tenant)',
        why: 'money would be judged by the order as it was before the wait for its lock',
      },
      {
        text: 'orderFrom([first, second], tenant)',
        replacement: 'orderFrom([first], tenant)',
        why: 'a QR would carry the amount from before the wait for the lock',
      },
      {
        text: 'if (row.tenant === tenant || row.tenant == null) return orderOf(row, orderSql);',
        replacement: 'return orderOf(row, orderSql);',
        why: 'a client could charge an order of another tenant',
      },
    ],
  },
];
