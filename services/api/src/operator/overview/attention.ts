import type { consoleFigures } from '@gateway/shared/store';
import { age, codeOf, type State } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn, type Texts } from '../texts/texts.ts';
import type { OverviewFacts } from './read-overview.ts';

/** One thing that needs a person, or soon will. */
export interface Attention {
  state: State & ('wait' | 'bad');
  text: string;
  href: string | null;
}

type Figures = consoleFigures.WaitingFigures;

/** The figures of all databases as one. */
export function totalOf({ databases }: OverviewFacts): Figures {
  const read = databases.flatMap(({ waiting }) => (waiting ? [waiting] : []));
  const sum = (name: keyof Figures) => read.reduce((total, figures) => total + Number(figures[name]), 0);
  const oldest = (name: keyof Figures) => {
    const times = read.flatMap((figures) => (figures[name] instanceof Date ? [figures[name].getTime()] : []));
    return times.length > 0 ? new Date(Math.min(...times)) : null;
  };
  return {
    openQrs: sum('openQrs'),
    webhooks: sum('webhooks'),
    oldestWebhook: oldest('oldestWebhook'),
    parkedWebhooks: sum('parkedWebhooks'),
    refunds: sum('refunds'),
    oldestRefund: oldest('oldestRefund'),
    approvals: sum('approvals'),
    oldestApproval: oldest('oldestApproval'),
    hostWrites: sum('hostWrites'),
    oldestHostWrite: oldest('oldestHostWrite'),
    unpublished: sum('unpublished'),
    oldestUnpublished: oldest('oldestUnpublished'),
    deliveries: sum('deliveries'),
    failingSince: oldest('failingSince'),
    discrepancies: sum('discrepancies'),
    discrepanciesOfDay: sum('discrepanciesOfDay'),
    discrepanciesOfWeek: sum('discrepanciesOfWeek'),
    oldestDiscrepancy: oldest('oldestDiscrepancy'),
  };
}

/** From when on waiting is worth a look, milliseconds. */
export const lateMs = { relay: 10_000, webhook: 60_000, hostWrite: 120_000, discrepancy: 7 * 86_400_000 };

const accountsNamed = 4; // of a chain's hundreds, which may all be in trouble at once

export const isLate = (at: Date | null, now: Date, ms: number): boolean => at !== null && now.getTime() - at.getTime() > ms;

/** What needs a person, the urgent things first. Empty: all is well. */
export function attentionOf(view: View, facts: OverviewFacts): Attention[] {
  const { texts, href, now } = view;
  const total = totalOf(facts);
  const found: Attention[] = [];
  const note = (state: Attention['state'], text: string, path: string | null) =>
    found.push({ state, text, href: path === null ? null : href(path) });
  const fill = (key: keyof Texts, values: Record<string, string | number>) => fillIn(texts[key], values);

  for (const { id, ready, why } of facts.hosts) if (!ready) note('bad', fill('hostDown', { host: id, why: why.join('; ') }), null);
  if (facts.databases.some(({ waiting }) => waiting === null)) note('bad', texts.databaseSilent, null);
  if (facts.isControlAway) note('bad', texts.controlAway, null);
  if (facts.isRedisAway) note('bad', texts.redisAway, null);
  const rejectedKeys = facts.accounts.flatMap(({ rejected, ...each }) =>
    rejected ? [{ ...each, reason: codeOf(view, rejected.reason) }] : [],
  );
  for (const { provider, account, reason } of rejectedKeys.slice(0, accountsNamed))
    note('bad', fill('keyRejected', { account: `${provider}/${account}`, reason }), '/accounts');
  if (rejectedKeys.length > accountsNamed)
    note('bad', fill('keysRejectedMore', { count: rejectedKeys.length - accountsNamed }), '/accounts');
  if (isLate(total.oldestUnpublished, now, lateMs.relay))
    note('bad', fill('relayLate', { age: age(view, total.oldestUnpublished as Date) }), '/queues');
  if (isLate(total.oldestHostWrite, now, lateMs.hostWrite))
    note('bad', fill('hostWritesLate', { count: total.hostWrites, age: age(view, total.oldestHostWrite as Date) }), '/parked');
  const broken = facts.databases.reduce((sum, { audit }) => sum + (audit?.broken ?? 0), 0);
  if (broken > 0) note('bad', fill('auditBroken', { count: broken }), '/actions/audit');
  if (total.oldestDiscrepancy)
    note(
      isLate(total.oldestDiscrepancy, now, lateMs.discrepancy) ? 'bad' : 'wait',
      fill('discrepanciesOpen', { count: total.discrepancies, age: age(view, total.oldestDiscrepancy) }),
      '/discrepancies',
    );
  const openBreakers = facts.accounts.filter(({ create, other }) => create.kind === 'open' || other.kind === 'open');
  for (const { provider, account } of openBreakers.slice(0, accountsNamed))
    note('wait', fill('breakerOpen', { account: `${provider}/${account}` }), '/accounts');
  if (openBreakers.length > accountsNamed)
    note('wait', fill('breakersOpenMore', { count: openBreakers.length - accountsNamed }), '/accounts');
  if (isLate(total.oldestWebhook, now, lateMs.webhook))
    note('wait', fill('webhooksLate', { count: total.webhooks, age: age(view, total.oldestWebhook as Date) }), '/queues');
  if (total.oldestApproval)
    note('wait', fill('approvalsWait', { count: total.approvals, age: age(view, total.oldestApproval) }), '/refunds');
  if (total.parkedWebhooks > 0) note('wait', fill('parkedOpen', { count: total.parkedWebhooks }), '/parked');
  if (total.failingSince) note('wait', fill('deliveriesFail', { age: age(view, total.failingSince) }), '/webhooks');
  if (facts.holds && facts.holds.length > 0) note('wait', fill('holdsPlaced', { count: facts.holds.length }), '/accounts');
  const failed = facts.databases.flatMap(({ troubled }) => troubled.filter(({ status }) => status === 'failed')).length;
  if (failed > 0) note('wait', fill('paymentsFailed', { count: failed }), '/payments?status=failed');
  return found.sort((a, b) => Number(a.state === 'wait') - Number(b.state === 'wait'));
}
