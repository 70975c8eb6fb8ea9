import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import type { JobPayload } from '@gateway/shared/queue';
import { payments } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { beginFirstAttempt, callLimitMs } from './begin-attempt.ts';
import type { Route } from './routing.ts';

/** The first attempt, which was begun when the payment was read. */
export interface BegunFirst {
  /** The attempt is with its first candidate. */
  route: Route;
  reference: string;
}

export interface PaymentToCharge {
  payment: Payment;
  /** Attempts of earlier runs. `isSending`: the worker of one may have died in the call. */
  earlier: { made: number; isSending: boolean };
  begun: BegunFirst | null;
}

/** In the usual case nothing has happened to the payment yet, and one statement reads it and begins its first attempt. Null: superseded. */
export async function readToCharge(
  { chooseRoute, createLimitMs }: Pick<Deps, 'chooseRoute' | 'createLimitMs'>,
  host: Host,
  { paymentId, leaseNo, routedBy }: JobPayload<'charge'>,
  now: Date,
): Promise<PaymentToCharge | null> {
  const route = routedBy && chooseRoute(routedBy);
  const [candidate, ...others] = route?.candidates ?? [];
  const limitMs = callLimitMs(createLimitMs, { now, startedAt: now, othersLeft: others.length });
  if (route && candidate && limitMs !== null) {
    const first = await beginFirstAttempt(host, { paymentId, leaseNo, candidate, now }, limitMs);
    if (first?.reference === null) return null; // another run of this job has begun it
    if (first) return { payment: first.payment, earlier: { made: 0, isSending: false }, begun: { route, reference: first.reference } };
  }
  const found = await payments.findForCharge(host.db.pool, paymentId);
  if (found?.payment.status !== 'created' || found.payment.leaseNo !== leaseNo) return null;
  return { payment: found.payment, earlier: found.attempts, begun: null };
}
