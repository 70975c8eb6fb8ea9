/** The processes whose steps are labelled. */
export type Program = 'api' | 'worker' | 'notifier';

/**
 * Every step of every process that the sales of `sales.ts` reach, by the work that it belongs to. A step is what a process does to the
 * outside: a statement in PostgreSQL, a command in Redis, a call to a provider. `step-control.ts` names it.
 */
export const steps: Readonly<Record<Program, Readonly<Record<string, readonly string[]>>>> = {
  api: {
    transaction: ['begin', 'commit'],
    create: ['lock order', 'read for payment', 'write with the key of the host', 'addStandardJob {gateway}:charge:wait'],
    cancel: ['payment-by-id', 'payment-hide', 'payment-claim', 'addStandardJob {gateway}:follow:wait'],
    webhook: ['inbox-insert', 'addStandardJob {gateway}:verify:wait'],
    refund: ['idempotency-resource', 'payment-locked', 'refundable-money', 'refund-open', 'idempotency-free', 'idempotency-bind'],
    order: ['till-order-lock', 'till-order-put', 'till-tender', 'till-order', 'payment-decisive', 'payment-current-of-order'],
  },
  worker: {
    transaction: ['begin', 'commit'],
    queues: ['charge', 'verify', 'follow'].flatMap((queue) => [
      `moveToActive {gateway}:${queue}:wait`,
      `moveToFinished {gateway}:${queue}:wait`,
    ]),
    charge: [
      'attempt-begin-first',
      'POST /midtrans/v2/charge: send',
      'POST /midtrans/v2/charge: answered',
      'show unchanged',
      'publish gateway:reply:{api}',
    ],
    verify: [
      'script gateway:poll-slots:{account}',
      'GET /midtrans/v2/{id}/status: send',
      'GET /midtrans/v2/{id}/status: answered',
      'inbox-conclude',
    ],
    write: [
      'lock order and payment',
      'read order and payment',
      'write with the host',
      'save unless booked',
      'publish gateway:outbox:POS_DATABASE_URL',
      'publish gateway:outbox:TILL_DATABASE_URL',
    ],
    'write, one by one': [
      'payment-locked',
      'pos/order.sql',
      'attempts-of-payment',
      'attempts-unbooked',
      'host:savepoint',
      'pos/expired.sql',
      'pos/cancelled.sql',
      'host:constraints',
      'attempt-save',
      'payment-save',
      'payment-hide-siblings',
      'event-append',
      'event-release',
      'releases-of-order',
      'discrepancy-resolve',
      'discrepancy-announce',
    ],
    cancel: ['POST /midtrans/v2/{id}/cancel: send', 'POST /midtrans/v2/{id}/cancel: answered'],
    refund: [
      'refund-find',
      'payment-by-id',
      'attempt-one',
      'refund-begin',
      'POST /midtrans/v2/{id}/refund: send',
      'POST /midtrans/v2/{id}/refund: answered',
      'refund-reschedule',
      'refunds-of-payment',
      'refund-finish',
      'payment-refunded',
      'pos/refunded.sql',
    ],
    'host write': ['host-write-defer', 'payment-host-busy', 'host-write-find', 'pos/paid.sql', 'host-write-done', 'payment-host-not-busy'],
    sweep: ['due-webhooks', 'due-attempts', 'due-payments', 'due-host-writes', 'due-refunds', 'addStandardJob {gateway}:follow:wait'],
  },
  notifier: {
    transaction: ['begin', 'commit'],
    relay: ['relay-take', 'script gateway:last-seq:POS_DATABASE_URL'],
    webhooks: [
      'webhook-cursors-note',
      'webhook-cursors-claim',
      'POST /hook: send',
      'POST /hook: answered',
      'webhook-cursors-delivered',
      'webhook-cursors-failed',
    ],
  },
};

/** Whether a connection pooler keeps names. */
const session = ['gateway session check'];

/** Steps that a process reaches once: when it starts, or at its first sale. It reaches some of them regularly after that. */
export const startSteps: Readonly<Record<Program, Readonly<Record<string, readonly string[]>>>> = {
  api: { session, 'check of the hosts': checksOf('erp', 'till', 'pos'), 'first sale of a store': ['store-owner'] },
  worker: {
    session,
    'check of the hosts': checksOf('erp', 'till', 'pos'),
    queues: ['charge', 'verify', 'follow'].map((queue) => `moveStalledJobsToWait {gateway}:${queue}:stalled`),
  },
  notifier: {
    session,
    maintenance: [
      'maintenance-lock-timeout',
      'maintenance-lock',
      'maintenance-expired',
      'maintenance-idempotency-keys',
      'maintenance-till-orders',
    ],
    relay: ['clock', 'relay-peek'],
    webhooks: ['webhook-endpoints-active', 'webhook-cursors-catch-up'],
  },
};

/**
 * Steps of any process that only a special case reaches: two sales that meet, a slow process, a screen, an endpoint that is made, an operator.
 * The sender of webhooks is killed before and after those of `webhook-cursors` by a test of its own (webhook-kill.test.ts).
 */
export const rareSteps: readonly string[] = [
  'attempt-begin',
  'attempt-booked',
  'attempt-by-charge',
  'attempt-conclude',
  'attempt-reschedule',
  'attempt-save-unless-booked',
  'attempts-abandon',
  'attempts-begin-first',
  'attempts-cancel-others',
  'attempts-unbooked-written',
  'before-host',
  'clients-note-use',
  'console-minutes',
  'console-troubled',
  'console-waiting',
  'discrepancy-open',
  'discrepancy-open-ever',
  'figures-approvals',
  'figures-audit',
  'figures-discrepancies',
  'figures-host-writes',
  'figures-oldest-due',
  'figures-parked',
  'figures-scrape-timeout',
  'host-write-next-retry',
  'host-write-reschedule',
  'host:undo',
  'idempotency-payment',
  'idempotency-used',
  'inbox-another-paid',
  'inbox-find',
  'inbox-insert-or-repeat',
  'inbox-postpone',
  'inbox-replay',
  'inbox-reschedule',
  'insert into gateway.webhook_cursors',
  'insert into gateway.webhook_endpoints',
  'operator-session-begin',
  'operator-session-end',
  'operator-session-find',
  'operator-session-touch',
  'operator-sessions-end-over',
  'outbox-lag',
  'payment-current-of-orders',
  'payment-end-review',
  'payment-history',
  'payment-insert',
  'payment-lease',
  'payment-open-sibling',
  'payment-reschedule',
  'payment-to-charge',
  'payment-unconfirmed',
  'provider-calls-insert',
  'readiness-approvals',
  'readiness-waiting-money',
  'refund-clear-id',
  'refund-expedite',
  'refund-set-id',
  'refunds-asked-for',
  'relay-by-index',
  'relay-lock-async-commit',
  'relay-mark',
  'relay-reconcile',
  'relay-try-lock',
  'rollback',
  'store-events',
  'store-insert',
  'store-is-registered',
  'store-last-seqs',
  'store-open-payments',
  'store-register',
  'store-released-orders',
  'till-order-void',
  'till-tender-order',
  'undo-host',
  'webhook-cursors-disable',
  'webhook-cursors-give-back',
  // named by a parameter, or by a command of BullMQ; a slow machine reaches them
  ...['charge', 'payment', 'attempt', 'webhook', 'refund', 'host-write'].map((kind) => `lease-renew-${kind}`),
  ...['charge', 'verify', 'follow'].map((queue) => `extendLocks {gateway}:${queue}:stalled`),
];

function checksOf(...hosts: string[]): string[] {
  return hosts.flatMap((host) => ['session', 'order', 'items', 'charges'].map((file) => `${host}/${file}.sql`));
}
