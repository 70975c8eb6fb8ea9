import type { Queryable } from '../../postgres/index.ts';

/** Work that needs an operator: a parked webhook, or a host write that has failed at least once. */
export interface Parked {
  kind: 'webhook' | 'host-write';
  id: number;
  host: string;
  /** The webhook's reference, or the payment id. */
  about: string;
  /** The provider and the reported status, or the step of the host write. */
  what: string | null;
  /** The verdict, or the host's last error. */
  why: string | null;
  tries: number;
  since: Date;
  /** When it is tried next; null: it is not retried. */
  nextTryAt: Date | null;
}

/** Parked webhooks, then failed host writes; each oldest first, and at most `limit` of each. */
export async function list(db: Queryable, limit: number): Promise<Parked[]> {
  const [webhooks, hostWrites] = await Promise.all([
    db.query<Parked>({
      text: `select 'webhook' as kind, id, split_part(reference, '-', 1) as host, reference as about, provider || ' ' || coalesce(reported_status, 'webhook') as what,
          verdict as why, tries, received_at as since, next_try_at as "nextTryAt"
        from gateway.webhook_inbox where verdict = 'parked' order by processed_at limit $1`,
      values: [limit],
    }),
    db.query<Parked>({
      text: `select 'host-write' as kind, w.id, p.host, w.payment_id as about, w.step as what, w.last_error as why, w.lease_no as tries, w.created_at as since,
          w.next_try_at as "nextTryAt"
        from gateway.host_writes w join gateway.payments p on p.id = w.payment_id where w.done_at is null and w.lease_no > 0 order by w.id limit $1`,
      values: [limit],
    }),
  ]);
  return [...webhooks.rows, ...hostWrites.rows];
}
