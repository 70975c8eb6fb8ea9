import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { Victim } from './prepare.ts';

/** What an attack made the gateway keep: rows and bytes of the captured webhook, payments of the attacker, and log. */
export interface Kept {
  webhookRows: number;
  webhookBytes: number;
  payments: number;
  logBytes: number;
}

/** What is kept now: the difference of two readings is what an attack costs. */
export async function keptBy(stack: TestStack, { tenant, reference }: Victim): Promise<Kept> {
  const { rows } = await stack.pos.query<Record<'webhooks' | 'bytes' | 'payments', string>>(
    `select count(*) as webhooks, coalesce(sum(octet_length(raw)), 0) as bytes, (select count(*) from gateway.payments where tenant = $1) as payments
     from gateway.webhook_inbox where reference = $2`,
    [tenant, reference],
  );
  const { webhooks, bytes, payments } = rows[0] as Record<string, string>;
  return {
    webhookRows: Number(webhooks),
    webhookBytes: Number(bytes),
    payments: Number(payments),
    logBytes: logBytesOf(stack),
  };
}

function logBytesOf({ dataDir }: TestStack): number {
  const dir = path.join(dataDir, 'logs');
  return readdirSync(dir).reduce((sum, name) => sum + statSync(path.join(dir, name)).size, 0);
}

/** The resident memory of each kind of process of the gateway, in megabytes. */
export function megabytesOf(stack: TestStack): Record<'api' | 'worker' | 'notifier', number> {
  const largest = (kind: 'api' | 'worker' | 'notifier'): number => Math.max(...stack.pids(kind).map(residentMegabytes));
  return { api: largest('api'), worker: largest('worker'), notifier: largest('notifier') };
}

const residentMegabytes = (pid: number): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024;

/** A call that reached a provider. */
export interface ProviderCall {
  seq: number;
  provider: string;
  operation: string;
  reference: string | null;
  at: string;
}

/** The calls since a number in the simulator's list, oldest first. */
export async function callsSince(simulatorUrl: string, since: number): Promise<ProviderCall[]> {
  const answer = await fetch(`${simulatorUrl}/control/calls?since=${since}&limit=100000`);
  return ((await answer.json()) as { calls: ProviderCall[] }).calls;
}

/**
 * The most questions to one provider within a period: calls that ask for a status. Two of each charge are not counted, because neither
 * waits, and there are as many of them as payments (docs/adr/0020-one-budget-per-account.md): the one before a cancel, which takes the
 * place of the charge's next poll, and the first other one, because the first report of a new status is asked about at once.
 */
export function mostQuestions(calls: readonly ProviderCall[], withinMs: number): number {
  const questions = Object.values(Object.groupBy(calls, ({ reference }) => reference ?? '')).flatMap((ofCharge = []) =>
    ofCharge.filter(({ operation }, n) => operation === 'status' && ofCharge[n + 1]?.operation !== 'cancel').slice(1),
  );
  const asked = questions.map(({ provider, at }) => ({ provider, at: Date.parse(at) }));
  const within = (from: (typeof asked)[number]) =>
    asked.filter(({ provider, at }) => provider === from.provider && at >= from.at && at < from.at + withinMs).length;
  return Math.max(0, ...asked.map(within));
}
