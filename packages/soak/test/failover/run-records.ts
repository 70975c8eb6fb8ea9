import { opsCommands } from '@gateway/ops/commands';
import { runCommand } from '@gateway/ops/test/run-command';
import { eventually } from '@gateway/testing/eventually';
import type { Provider, SimulatedCharge } from '@gateway/testing/stack/simulator-client';
import { twoDaysLater } from '@gateway/testing/stack/two-days-later';
import type { OutageRun, Visit } from './outage-run.ts';

export interface AttemptRow {
  paymentId: string;
  no: number;
  provider: Provider;
  account: string;
  reference: string;
  status: string;
  reason: string | null;
  isShown: boolean;
  startedAt: Date;
}

/** The gateway's attempts and the providers' charges for some visits. */
export interface RunRecords {
  attempts: AttemptRow[];
  charges: SimulatedCharge[];
  /** Requests to the first provider during the visits and in the minute before. The hedge budget is a tenth of them. */
  recentRequests: number;
}

export async function readRecords({ stack, first }: OutageRun, visits: readonly Visit[]): Promise<RunRecords> {
  const { rows: attempts } = await stack.pos.query<AttemptRow>(
    `select a.payment_id as "paymentId", a.no, a.provider, a.account, a.reference, a.status, a.reason, a.started_at as "startedAt",
        p.shown_attempt is not distinct from a.no as "isShown"
      from gateway.attempts a join gateway.payments p on p.id = a.payment_id where p.order_key = any ($1) order by a.payment_id, a.no`,
    [visits.map(({ orderId }) => orderId)],
  );
  const references = new Set(attempts.map(({ reference }) => reference));
  const since = new Date(Math.min(...visits.map(({ startedAt }) => startedAt)) - 60_000);
  const { rows: requests } = await stack.pos.query<{ count: string }>(
    'select count(*) from gateway.attempts where provider = $1 and started_at > $2',
    [first, since],
  );
  return {
    attempts,
    charges: (await stack.simulator.charges()).filter(({ reference }) => references.has(reference)),
    recentRequests: Number(requests[0]?.count),
  };
}

/** How many visits got a correct QR: for the amount of the order, made by the provider, and recorded as shown. */
export function correctQrs(visits: readonly Visit[], { attempts, charges }: RunRecords): number {
  const shown = new Set(attempts.filter(({ isShown }) => isShown).map(({ reference }) => reference));
  const chargesByReference = new Map(charges.map((charge) => [charge.reference, charge]));
  return visits.filter(({ answer: { status, body }, total }) => {
    const charge = chargesByReference.get(body.transaction_id);
    if (status !== 201 || !charge) return false;
    const isCorrect = charge.qr_string === body.qr_string && charge.amount === total && body.amount === total;
    return isCorrect && shown.has(body.transaction_id) && body.qr_string?.includes(`${total}`);
  }).length;
}

/**
 * Lets two days pass, after which every attempt must have ended, also at the providers.
 * @returns unresolved attempts, open charges that were not cancelled, and what the audit finds broken of I3 and I8
 */
export async function afterTwoDays(
  run: OutageRun,
  visits: readonly Visit[],
): Promise<{ unresolved: number; uncancelled: number; violations: string[] }> {
  const { stack } = run;
  await twoDaysLater(stack);
  const unresolved = async () =>
    (await readRecords(run, visits)).attempts.filter(({ status }) => status === 'sending' || status === 'unknown').length;
  await eventually(async () => (await unresolved()) === 0).catch(() => {});
  const { attempts, charges } = await readRecords(run, visits);
  const notShown = new Set(attempts.filter(({ isShown }) => !isShown).map(({ reference }) => reference));
  const { out } = await runCommand(opsCommands, ['audit', '--json'], { DATA_DIR: stack.dataDir });
  const { findings } = JSON.parse(out) as { findings: { invariant: string; rule: string; about: string; state: string }[] };
  return {
    unresolved: await unresolved(),
    uncancelled: charges.filter(({ reference, status }) => notShown.has(reference) && status === 'pending').length,
    violations: findings
      .filter(({ invariant, state }) => state === 'broken' && (invariant === 'I3' || invariant === 'I8'))
      .map(({ invariant, rule, about }) => `${invariant} ${rule} ${about}`),
  };
}

/** The visits whose second attempt started within `withinMs` of the first: hedged requests. */
export function hedgedVisits(visits: readonly Visit[], { attempts }: RunRecords, withinMs: number): Visit[] {
  const startsOf = new Map<string, number[]>();
  for (const { paymentId, startedAt } of attempts) startsOf.set(paymentId, [...(startsOf.get(paymentId) ?? []), startedAt.getTime()]);
  return visits.filter(({ answer }) => {
    const [one, two] = startsOf.get(answer.body.payment_id) ?? [];
    return one !== undefined && two !== undefined && two - one < withinMs;
  });
}

/** The `q`-quantile, rounded to a whole number; 0 for no values. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0);
}

export const msOf = (visits: readonly Visit[]): number[] => visits.map(({ answer }) => answer.ms);
