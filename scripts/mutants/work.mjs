const work = (name) => `packages/shared/src/store/work/${name}`;
const operators = (name) => `packages/shared/src/store/operators/${name}`;
const moneyCommands = 'packages/ops/src/commands/money-commands.test.ts';
const commands = 'packages/ops/src/commands/commands.test.ts';

/** Which rows are due, the inbox of webhooks, and what operators change by hand. */
export const workMutants = [
  {
    file: work('store-webhooks.ts'),
    tests: [work('webhook-inbox.test.ts')],
    mutants: [
      {
        text: 'on conflict do nothing returning id, provider',
        replacement: 'returning id, provider',
        why: 'a webhook that is delivered again would be answered with an error',
      },
      {
        text: 'on conflict do nothing returning id)',
        replacement: 'returning id)',
        why: 'a webhook that is delivered again would be answered with an error',
      },
      {
        text: 'case when verdict is null then null else received_at end',
        replacement: 'received_at',
        why: 'a webhook would never be verified',
      },
      {
        text: 'case when $11::text is null then null else $9::timestamptz end',
        replacement: 'case when $11::text is null then null else null end',
        why: 'a webhook that is not ours would be verified',
      },
      {
        text: `} and ("isKnown" or may_be_unknown)`,
        replacement: `} or "isKnown" or may_be_unknown`,
        why: 'one charge would fill the inbox',
      },
      {
        text: '!isMoney || !isFirstReport',
        replacement: '!isFirstReport',
        why: 'a refund would be taken for a first report of money',
      },
      {
        text: '|| !isFirstReport ||',
        replacement: '||',
        why: 'captured webhooks would make more calls than the budget of the account allows',
      },
      { text: '|| !isOfAccount ||', replacement: '||', why: 'an account would report about the charge of another' },
      {
        text: `|| status !== 'open' ||`,
        replacement: '||',
        why: 'a report about a charge that is cancelled would be asked about beside the budget of the account',
      },
      {
        text: 'a.provider = w.provider and a.account = w.account as "isOfAccount"',
        replacement: 'a.provider = w.provider as "isOfAccount"',
        why: 'an account would report about the charge of another',
      },
    ],
  },
  {
    file: work('webhook-inbox.ts'),
    tests: [work('webhook-inbox.test.ts')],
    mutants: [
      {
        text: 'lease_no = $5 and processed_at',
        replacement: '$5::integer >= 0 and processed_at',
        why: 'a superseded job would postpone the webhook that another one verifies',
      },
      {
        text: 'lease_no = $5 and processed_at is null',
        replacement: 'lease_no = $5',
        why: 'a webhook with a verdict would be verified again',
      },
      {
        text: 'lease_no = $4 and processed_at',
        replacement: '$4::integer >= 0 and processed_at',
        why: 'a superseded job would postpone the webhook that another one verifies',
      },
      {
        text: 'lease_no = $4 and processed_at is null',
        replacement: 'lease_no = $4',
        why: 'a webhook with a verdict would be verified again',
      },
      {
        text: 'processed_at = $3, next_try_at = null',
        replacement: 'processed_at = $3, next_try_at = next_try_at',
        why: 'a webhook with a verdict would be verified for ever',
      },
      { text: 'tries = tries + 1', replacement: 'tries = tries', why: 'a webhook would be retried for ever and never parked' },
      {
        text: 'id = $1 and received_at = $4 and processed_at is null`',
        replacement: 'id = $1 and received_at = $4`',
        why: 'a job that is delivered twice would change the verdict',
      },
      {
        text: 'id = $1 and received_at = $4 and processed_at is null`',
        replacement: 'id = $1 and $4::timestamptz is not null and processed_at is null`',
        why: 'concluding would read every partition',
        equivalent: 'the id is unique over all partitions; received_at only lets PostgreSQL read one of them',
      },
    ],
  },
  {
    file: work('due.ts'),
    tests: [work('due.test.ts'), work('webhook-inbox.test.ts')],
    mutants: [
      {
        text: `where \${key} and lease_no = $2 and`,
        replacement: `where \${key} and $2::integer >= 0 and`,
        why: 'a superseded job would keep its successor from working',
        tests: ['packages/shared/src/store/payments/leases.test.ts', 'services/worker/src/keep-leases.test.ts'],
      },
      {
        text: `and lease_no = $2 and num_nulls(\${deadline}) = 0`,
        replacement: 'and lease_no = $2',
        why: 'a row that is done would be due again',
        tests: ['packages/shared/src/store/payments/leases.test.ts', 'services/worker/src/keep-leases.test.ts'],
      },
      {
        text: `greatest(\${deadline}, $3::timestamptz)`,
        replacement: '$3::timestamptz',
        why: 'a renewal would bring a later deadline forward',
        tests: ['packages/shared/src/store/payments/leases.test.ts', 'services/worker/src/keep-leases.test.ts'],
      },
      {
        text: "'id = $1 and status = $4'",
        replacement: "'id = $1 and $4::text is not null'",
        why: 'the first poll of a QR would be delayed',
        tests: ['packages/shared/src/store/payments/leases.test.ts', 'services/worker/src/keep-leases.test.ts'],
      },
      {
        text: 'resolve_at = $4, lease_no = lease_no + 1',
        replacement: 'resolve_at = $4, lease_no = lease_no',
        why: 'two workers would look up and cancel the same charge',
      },
      {
        text: 'webhook_inbox w set next_try_at = $4, lease_no = lease_no + 1',
        replacement: 'webhook_inbox w set next_try_at = $4, lease_no = lease_no',
        why: 'two workers would verify the same webhook',
      },
      {
        text: 'refunds r set next_try_at = $4, lease_no = lease_no + 1',
        replacement: 'refunds r set next_try_at = $4, lease_no = lease_no',
        why: 'two workers would request the same refund',
      },
      {
        text: 'host_writes w set next_try_at = $4, lease_no = lease_no + 1',
        replacement: 'host_writes w set next_try_at = $4, lease_no = lease_no',
        why: 'the tries of a host write would not be counted',
      },
      {
        text: 'a.resolve_at <= $1',
        replacement: '$1::timestamptz is not null',
        why: 'every charge would be looked up at once, and the budget of calls spent',
      },
      {
        text: '(next_try_at <= $1 or question_at is not null)',
        replacement: '$1::timestamptz is not null',
        why: 'a webhook would be verified again without a pause',
      },
      { text: 'r.next_try_at <= $1', replacement: '$1::timestamptz is not null', why: 'a refund would be looked up without a pause' },
      { text: 'w.next_try_at <= $1', replacement: '$1::timestamptz is not null', why: 'a busy host would be asked without a pause' },
      { text: 'for update of a skip locked', replacement: 'for update of a', why: 'one locked attempt would stop the sweep' },
      { text: 'limit $2 for update skip locked', replacement: 'limit $2 for update', why: 'one locked webhook would stop the sweep' },
      { text: 'for update of r skip locked', replacement: 'for update of r', why: 'one locked refund would stop the sweep' },
      { text: 'for update of w skip locked', replacement: 'for update of w', why: 'one locked host write would stop the sweep' },
      {
        text: 'a.payment_id = due.payment_id and a.no = due.no',
        replacement: 'a.payment_id = due.payment_id',
        why: 'every attempt of a payment would be looked up with one of them',
      },
      { text: 'const refundLeaseMs = 30_000', replacement: 'const refundLeaseMs = 0', why: 'two runs of one refund would overlap' },
    ],
  },
  {
    file: operators('refunds.ts'),
    tests: ['packages/shared/src/store/payments/refunds.test.ts'],
    mutants: [
      {
        text: 'updated_at = $3 where id = $1 and next_try_at is not null',
        replacement: 'updated_at = $3 where id = $1',
        why: 'an operator could make a final refund due again',
      },
      {
        text: 'updated_at = $2 where id = $1 and next_try_at is not null',
        replacement: 'updated_at = $2 where id = $1',
        why: 'an operator could let a final refund be requested again',
      },
    ],
  },
  {
    file: operators('refund-approvals.ts'),
    tests: ['services/worker/src/jobs/refund-approval.test.ts'],
    mutants: [
      {
        text: "if (before) return { kind: 'was_decided', decision: before, decidedBy };",
        replacement: '',
        why: 'a refund could be decided twice',
      },
      {
        text: "isAsker !== (decision === 'withdrawn')",
        replacement: "!isAsker && decision === 'withdrawn'",
        why: 'the person who asked could refuse it as a second person',
      },
    ],
  },
  {
    file: operators('discrepancies.ts'),
    tests: [commands, moneyCommands],
    mutants: [
      {
        text: 'and p.host = $2 for update of d',
        replacement: 'and $2::text is not null for update of d',
        why: 'an operator could close a discrepancy of another host',
      },
      { text: 'if (closedAt) return', replacement: 'if (false) return', why: 'the first operator’s reason would be overwritten' },
      {
        text: 'if (reasonsThatKeepOpen.includes(reason)) await',
        replacement: 'if (false) await',
        why: 'a payment in review would never end',
      },
    ],
  },
  {
    file: operators('host-writes.ts'),
    tests: [moneyCommands],
    mutants: [
      {
        text: 'set next_try_at = $3 from gateway.payments p\n        where w.id = $1 and p.id = w.payment_id and p.host = $2 and w.done_at is null',
        replacement: 'set next_try_at = $3 from gateway.payments p\n        where w.id = $1 and p.id = w.payment_id and p.host = $2',
        why: 'a host write that has ended would be carried out again',
      },
      {
        text: 'closed_by = $4 from gateway.payments p\n        where w.id = $1 and p.id = w.payment_id and p.host = $2 and w.done_at is null',
        replacement: 'closed_by = $4 from gateway.payments p\n        where w.id = $1 and p.id = w.payment_id and p.host = $2',
        why: 'a host write could be closed twice',
      },
    ],
  },
  {
    file: operators('replay.ts'),
    tests: [operators('replay.test.ts')],
    mutants: [
      {
        text: "verdict is distinct from 'not_ours' and (processed_at",
        replacement: '(processed_at',
        why: 'webhooks about other shops would be verified for a day',
      },
      {
        text: 'where received_at >= $1 and id > $2',
        replacement: 'where received_at >= $1 and id >= $2',
        why: 'a replay would never end',
        hangs: true,
      },
      {
        text: "and verdict is distinct from 'not_ours' returning reference",
        replacement: 'returning reference',
        why: 'a webhook about another shop would be verified for a day',
      },
    ],
  },
  {
    file: 'packages/shared/src/store/control/stores.ts',
    tests: ['packages/shared/src/store/control/stores.test.ts'],
    mutants: [
      {
        text: 'if (!isSameOwner(rows[0])) throw new StoreConflict(storeId);',
        replacement: '',
        why: 'two tenants would share the events of one store',
      },
      {
        text: 'found?.host === owner.host && found.tenant === owner.tenant',
        replacement: 'found?.host === owner.host',
        why: 'another tenant of the host could use the store',
      },
    ],
  },
];
