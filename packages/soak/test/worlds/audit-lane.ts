import { audit, type ProviderCharge } from '@gateway/operations/audit';
import { type Charge, stateOf } from '@gateway/simulator';
import type { Lane } from './lane.ts';
import type { WorldResult } from './run-world.ts';

const removeRows = `truncate gateway.payments, gateway.payment_events, gateway.outbox, gateway.webhook_inbox, gateway.releases,
  pos.orders, pos.order_items, pos.payments cascade`;

/**
 * Compares all rows that these worlds have left with the host's rows and the providers' charges, as `ops -- audit` does, and removes the
 * rows. @returns the worlds with findings
 */
export async function auditLane(lane: Lane, worlds: readonly WorldResult[]): Promise<WorldResult[]> {
  const { pool } = lane.adminDb;
  const charges = worlds.flatMap((world) => world.charges.map(asProviderCharge));
  const now = new Date(lane.startMs + 30 * 86_400_000);
  const { findings } = await audit({ db: pool, hosts: [lane.host], readCharges: async () => charges, now, since: new Date(0) });
  const failed: WorldResult[] = [];
  for (const { invariant, rule, about, ours, theirs } of findings) {
    const sentence = `audit ${invariant} ${rule}: ${about}, ours ${ours}, theirs ${theirs}`;
    const orderId = await orderOf(lane, about);
    const world = worlds.find((each) => each.orderId === orderId);
    if (world) failed.push({ ...world, findings: [sentence] });
    else if (invariant === 'I6' && worlds[0]) failed.push({ ...worlds[0], findings: [`one of ${worlds.length} worlds: ${sentence}`] });
  }
  await pool.query(removeRows);
  return failed;
}

/** The order that a finding is about: it names a payment, a reference or an order. */
async function orderOf({ adminDb }: Lane, about: string): Promise<string | undefined> {
  const { rows } = await adminDb.pool.query<{ orderId: string }>({
    text: `select order_key as "orderId" from gateway.payments where $1 in (id, reference, order_key) or $1 like reference || '-%' or $1 like '%' || order_key || '%'`,
    values: [about],
  });
  return rows[0]?.orderId;
}

function asProviderCharge(charge: Charge): ProviderCharge {
  const { payment, refunds } = stateOf(charge);
  return {
    provider: charge.provider,
    reference: charge.reference,
    amount: charge.amount,
    paid_amount: payment?.amount ?? null,
    paid_at: payment && new Date(payment.paidAt).toISOString(),
    refunds: refunds.map(({ reference, id, amount, status }) => ({ reference, provider_refund_id: id, amount, status })),
    webhooks: [],
  };
}
