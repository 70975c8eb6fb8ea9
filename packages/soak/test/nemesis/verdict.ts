import { opsCommands } from '@gateway/ops/commands';
import { runCommand } from '@gateway/ops/test/run-command';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { twoDaysLater } from '@gateway/testing/stack/two-days-later';
import type { ReceivedEvent } from '../screens/screen.ts';
import type { Finding } from '../settled-findings.ts';
import type { Installation } from './installation.ts';
import { leakedSecrets } from './secrets.ts';
import type { Ending, Shop } from './shop.ts';
import { foreignReads } from './tenants.ts';

/** What was found about one invariant, and how it was looked for. */
export interface Verdict {
  invariant: string;
  how: string;
  faults: readonly string[];
}

interface Evidence {
  installation: Installation;
  shop: Shop;
  screens: readonly { storeId: string; received: readonly ReceivedEvent[] }[];
  /** Messages on the channels of stores that are about another store. */
  misplaced: readonly string[];
}

interface Report {
  hosts: string[];
  payments: number;
  charges: number;
  /** How many refunds wait for an operator, with a discrepancy. */
  refundsOfOperators: number;
  findings: (Finding & { invariant: string; ours: string | null; theirs: string | null })[];
}

const settleWithinMs = 240_000;
const movesWithinMs = 5_000;

/** Checks I1 to I12 after the faults have ended. */
export async function judge({ installation, shop, screens, misplaced }: Evidence): Promise<Verdict[]> {
  const moved = await movedAfterFlush(installation);
  const report = await auditAfterTwoDays(installation);
  const sold = soldOnce(shop, await soldInOutbox(installation));
  const gaps = await screensThatDiffer(installation, screens);
  const missing = ['pos', 'erp', 'till'].filter((host) => !report.hosts.includes(host)).map((host) => `host ${host} was not audited`);
  const audited = `audit of ${report.payments} payments, hosts ${report.hosts.join(', ')}, ${report.charges} charges`;
  const byAudit = (invariant: string) =>
    report.findings
      .filter((finding) => finding.invariant === invariant)
      .map(({ state, rule, about, ours, theirs }) => `${state} ${rule} ${about}: ours ${ours}, theirs ${theirs}`);
  const also: Readonly<Record<string, { how: string; faults: readonly string[] }>> = {
    I1: { how: `; ${shop.sales.length} sales as their tills saw them`, faults: [...missing, ...sold.lost] },
    I2: { how: '; each order released once', faults: sold.doubled },
    I8: { how: `, ${report.refundsOfOperators} refunds wait for an operator, with a discrepancy`, faults: [] },
    I6: { how: `; ${screens.length} screens received each event of their store once, in order`, faults: gaps },
  };
  return [
    ...['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9'].map((invariant) => ({
      invariant,
      how: `${audited}${also[invariant]?.how ?? ''}`,
      faults: [...byAudit(invariant), ...(also[invariant]?.faults ?? [])],
    })),
    { invariant: 'I10', ...(await leakedSecrets(installation)) },
    {
      invariant: 'I11',
      how: `FLUSHALL during 20 creates: all have their QR after ${Math.round(moved)} ms`,
      faults: moved > movesWithinMs ? ['too late'] : [],
    },
    { invariant: 'I12', ...(await foreignReads(installation, shop.sales)), ...(misplaced.length > 0 ? { faults: misplaced } : {}) },
  ];
}

/** Redis loses everything while twenty payments are being made. @returns after how many milliseconds the last one has its QR */
async function movedAfterFlush({ stack, pos, redis }: Installation): Promise<number> {
  const till = stack.till();
  const orders = await Promise.all(Array.from({ length: 20 }, () => anOrder(pos.pool)));
  const created = orders.map((orderId) => till.create(orderId, { prefer: 'respond-async' }));
  await Promise.race(created);
  await (await redis.master()).client.flushall();
  const flushedAt = performance.now();
  const ids = (await Promise.all(created)).map(({ body }) => body.payment_id);
  await eventually(async () => {
    const { rows } = await pos.pool.query('select from gateway.payments where id = any ($1) and qr_string is null', [ids]);
    return rows.length === 0;
  }, 60_000);
  return performance.now() - flushedAt;
}

/** Lets the time pass after which everything that waits must have ended. */
async function auditAfterTwoDays({ stack, pos }: Installation): Promise<Report> {
  let report: Report | undefined;
  await twoDaysLater({ simulator: stack.simulator, pos: pos.pool });
  await pos.pool.query(
    `update gateway.refunds set created_at = created_at - interval '2 days', asked_at = asked_at - interval '2 days', next_try_at = now(), lease_no = lease_no + 1
      where status = 'pending'`,
  );
  await eventually(async () => {
    await pos.pool.query("update gateway.webhook_inbox set next_try_at = now() where next_try_at > now() + interval '20 s'");
    const { out, err } = await runCommand(opsCommands, ['audit', '--json'], { DATA_DIR: stack.dataDir });
    if (!out) throw new Error(err);
    report = JSON.parse(out) as Report;
    const refunds = await refundsOfOperators({ pos });
    report.findings = report.findings.filter(({ rule, about }) => rule !== 'refund_unresolved' || !refunds.has(about));
    report.refundsOfOperators = refunds.size;
    return report.findings.every(({ state }) => state === 'broken');
  }, settleWithinMs).catch(() => {});
  if (!report) throw new Error('the audit did not run');
  return report;
}

/**
 * Refunds that an operator must look up at the provider, and knows of: their answer was lost, and a second request could pay twice.
 * An operator ends them with `ops -- refunds found` or `refunds again`.
 */
async function refundsOfOperators({ pos }: Pick<Installation, 'pos'>): Promise<Set<string>> {
  const { rows } = await pos.pool.query<{ id: string }>(
    `select r.id from gateway.refunds r join gateway.discrepancies d on d.subject = r.id and d.reason = 'refund_unconfirmed' and d.closed_at is null
      where r.status = 'pending'`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** How often each order was released, by payment. */
async function soldInOutbox({ pos }: Installation): Promise<Map<string, { status: string; received: number; releases: number }>> {
  const { rows } = await pos.pool.query<{ id: string; status: string; received: number; releases: number }>(
    `select p.id, p.status, p.received_idr::integer as received, count(o.event_id)::integer as releases from gateway.payments p
      left join gateway.payment_events o on o.payment_id = p.id and o.type = 'order.paid' group by p.id`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** How many times the kitchen is told to cook. In cash it is the host that tells it. */
const releasesOf: Readonly<Record<Ending, number>> = {
  paid: 1,
  'ordered more': 1,
  'paid late': 1,
  refunded: 1,
  cancelled: 0,
  'paid twice': 0,
};

function soldOnce({ sales }: Shop, payments: Awaited<ReturnType<typeof soldInOutbox>>): { lost: string[]; doubled: string[] } {
  const lost: string[] = [];
  const doubled: string[] = [];
  for (const { ending, payment } of sales) {
    const found = payments.get(payment.payment_id);
    const releases = found?.releases ?? 0;
    const text = `${ending} ${payment.payment_id}: ${found ? `${found.status}, received ${found.received}, released ${releases} times` : 'not found'}`;
    const isPaid = ending !== 'cancelled';
    if (!found || (isPaid && found.received < payment.amount) || releases < releasesOf[ending]) lost.push(`lost: ${text}`);
    if (releases > releasesOf[ending]) doubled.push(`doubled: ${text}`);
  }
  return { lost, doubled };
}

/** Waits until each screen has the events of its store, after its reconnections with its cursor. */
async function screensThatDiffer({ pos }: Installation, screens: Evidence['screens']): Promise<string[]> {
  const { rows } = await pos.pool.query<{ store: string; events: string }>(
    `select store_id as store, string_agg(seq || ' ' || event_id, ',' order by seq) as events from gateway.outbox group by store_id`,
  );
  const published = new Map(rows.map(({ store, events }) => [store, events]));
  const differing = () =>
    screens.filter(
      ({ storeId, received }) => received.map(({ seq, event_id: id }) => `${seq} ${id}`).join() !== (published.get(storeId) ?? ''),
    );
  await eventually(() => differing().length === 0, 60_000).catch(() => {});
  return differing().map(({ storeId, received }) => `screen of ${storeId}: ${received.length} events, last ${received.at(-1)?.seq}`);
}
