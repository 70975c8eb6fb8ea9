import type { Queryable } from '../../postgres/index.ts';

/** What the gateway has given up on, or keeps trying in vain: a person should know. */
export interface Parked {
  kind: 'webhook' | 'host-write';
  id: number;
  host: string;
  /** The webhook's reference, or the payment. */
  about: string;
  /** What it says, or what the host was to be told. */
  what: string | null;
  /** What came of the last try. */
  why: string | null;
  tries: number;
  since: Date;
  /** When it is tried next; null: it is not. */
  nextTryAt: Date | null;
}

/** Webhooks that were parked, and what hosts have not taken yet although it was tried; oldest first. */
export async function list(db: Queryable, limit: number): Promise<Parked[]> {
  const [webhooks, hostWrites] = await Promise.all([
    db.query<Parked>({
      text: `select 'webhook' as kind, id, split_part(reference, '-', 1) as host, reference as about, provider || ' ' || coalesce(reported_status, 'news') as what,
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
