import type { Queryable } from '@gateway/shared/postgres';
import type { Finding } from './finding.ts';

/** A charge as the provider records it. Amounts in whole rupiah, times in ISO 8601. */
export interface ProviderCharge {
  provider: string;
  reference: string;
  amount: number;
  paid_amount: number | null;
  paid_at: string | null;
  refunds: { reference: string | null; provider_refund_id: string; amount: number; status: 'pending' | 'succeeded' | 'failed' }[];
  /** Webhooks that the provider sent, with the result of each delivery: our status code, or why there was none. */
  webhooks: { event: string; forged: boolean; attempts: { result: number | string | null }[] }[];
}

/** Our record of the charge with one reference. All fields that may be null are null when we have none. */
export interface OurCharge {
  reference: string;
  paymentId: string | null;
  paymentStatus: string | null;
  amount: number | null;
  isShown: boolean | null;
  attemptStatus: string | null;
  paid: number | null;
  /** The payment, the attempt or a webhook about it is retried automatically. */
  isAwaited: boolean;
  /** A discrepancy about the charge exists, open or closed. */
  isKnown: boolean;
  refunds: { reference: string; status: 'pending' | 'succeeded' | 'failed'; amount: number }[];
  webhooks: number;
}

/** Compares one charge of a provider with our record of it. Pure. */
export type Comparison = (theirs: ProviderCharge, ours: OurCharge) => Finding[];

/** Reads the charges at the simulated providers. @throws when the simulator does not answer within 30 s */
export async function readSimulatorCharges(url: string): Promise<ProviderCharge[]> {
  const response = await fetch(new URL('/control/charges', url), { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`the simulator answered ${response.status} to GET /control/charges`);
  return ((await response.json()) as { charges: ProviderCharge[] }).charges;
}

const ourChargesSql = `select r.reference, p.id as "paymentId", p.status as "paymentStatus", p.amount_idr as amount, p.shown_attempt = a.no as "isShown",
    a.status as "attemptStatus", a.paid_idr as paid,
    coalesce(p.check_at is not null or a.resolve_at is not null, false)
      or exists (select from gateway.webhook_inbox w where w.reference = r.reference and w.next_try_at is not null) as "isAwaited",
    exists (select from gateway.discrepancies d where d.payment_id = p.id and coalesce(d.attempt_no, a.no) = a.no) as "isKnown",
    (select coalesce(jsonb_agg(jsonb_build_object('reference', f.reference, 'status', f.status, 'amount', f.amount_idr)), '[]')
      from gateway.refunds f where f.payment_id = a.payment_id and f.attempt_no = a.no) as refunds,
    (select count(*) from gateway.webhook_inbox w where w.reference = r.reference) as webhooks
  from unnest($1::text[]) as r(reference)
  left join gateway.attempts a on a.reference = r.reference
  left join gateway.payments p on p.id = a.payment_id`;

/** Our record of each reference. */
export async function ourCharges(db: Queryable, references: readonly string[]): Promise<Map<string, OurCharge>> {
  const { rows } = await db.query<OurCharge>({ text: ourChargesSql, values: [references] });
  return new Map(rows.map((row) => [row.reference, row]));
}
