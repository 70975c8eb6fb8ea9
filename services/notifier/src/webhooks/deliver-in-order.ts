import type { Database } from '@gateway/shared/postgres';
import { type Clock, type Logger, plusMs } from '@gateway/shared/runtime';
import { webhookCursors, type webhookEndpoints } from '@gateway/shared/store';
import type { Acknowledge } from './acknowledge.ts';
import type { DispatcherStep } from './dispatcher.ts';
import type { DispatcherMetrics } from './dispatcher-metrics.ts';
import type { EndpointSlots } from './endpoint-slots.ts';
import { nextTryAt } from './retry-delay.ts';
import type { Answer, WebhookSender } from './send-webhook.ts';
import type { WebhookSigner } from './sign-webhook.ts';
import { userAgent } from './user-agent.ts';

const eventsInARow = 20; // then the slot is given to another store of the endpoint

export interface DeliveryContext {
  database: { key: string; db: Database };
  /** The endpoints that get events now, by id. Replaced at each refresh. */
  endpoints: ReadonlyMap<string, webhookEndpoints.WebhookEndpoint>;
  sender: WebhookSender;
  signer: WebhookSigner;
  slots: EndpointSlots;
  acknowledge: Acknowledge;
  clock: Clock;
  log: Logger;
  metrics: DispatcherMetrics;
  stopping: AbortSignal;
  onStep: (step: DispatcherStep) => void;
}

/**
 * Sends the events of one store to one endpoint, one after the other, until none is left, one fails, or other stores wait for a slot.
 * @returns whether an event of this store may be left that is due now
 */
export async function deliverInOrder(context: DeliveryContext, first: webhookCursors.DueDelivery, leasedUntil: Date): Promise<boolean> {
  const { clock, onStep } = context;
  let due = first;
  for (let sent = 1, lease = leasedUntil; ; sent++) {
    const endpoint = context.endpoints.get(due.endpointId);
    // A process that was frozen since it claimed must not send now: another one may be ahead of it.
    if (!endpoint || context.stopping.aborted || clock.now() >= lease) return giveBack(context, due);
    const { answer, attempt } = await send(context, endpoint, due);
    if (answer.error !== null && context.stopping.aborted) return giveBack(context, due);
    onStep('sent');
    if (answer.error !== null) {
      await fail(context, due, { ...attempt, error: answer.error }, answer);
      onStep('concluded');
      return false;
    }
    lease = plusMs(clock.now(), webhookCursors.leaseMs);
    const isLast = sent >= eventsInARow;
    const following = await context.acknowledge({ due, attempt, leasedUntil: isLast ? null : lease });
    onStep('concluded');
    if (following === null || following === 'due') return following === 'due';
    due = following;
  }
}

async function giveBack({ database, clock }: DeliveryContext, due: webhookCursors.DueDelivery): Promise<false> {
  await webhookCursors.release(database.db.pool, due, clock.now());
  return false;
}

async function send(
  context: DeliveryContext,
  endpoint: webhookEndpoints.WebhookEndpoint,
  due: webhookCursors.DueDelivery,
): Promise<{ answer: Answer; attempt: webhookCursors.Attempt }> {
  const { sender, clock, metrics, slots, stopping } = context;
  const startedMs = performance.now();
  const answer = await sender.send({ url: endpoint.url, headers: headersOf(context, endpoint, due), body: due.body }, stopping);
  const durationMs = Math.round(performance.now() - startedMs);
  const isDelivered = answer.error === null;
  if (isDelivered) slots.succeeded(endpoint.id);
  else slots.failed(endpoint.id);
  metrics.attempted(isDelivered ? 'delivered' : 'failed', durationMs / 1_000);
  return { answer, attempt: { at: clock.now(), statusCode: answer.statusCode, error: answer.error, durationMs } };
}

const headersOf = ({ signer, clock }: DeliveryContext, endpoint: webhookEndpoints.WebhookEndpoint, due: webhookCursors.DueDelivery) => ({
  ...signer.sign(endpoint, due, clock.now()),
  'content-type': 'application/json',
  'user-agent': userAgent,
});

async function fail(
  { database, log, metrics }: DeliveryContext,
  due: webhookCursors.DueDelivery,
  attempt: webhookCursors.Attempt & { error: string },
  { statusCode, retryAfterMs }: Answer,
): Promise<void> {
  const { at: now, error } = attempt;
  const { endpointId, storeId, eventId } = due;
  const tries = due.tries + 1;
  const fields = { host: database.key, endpoint_id: endpointId, store_id: storeId, event_id: eventId, tries, reason: error };
  const next = statusCode === 410 ? null : nextTryAt({ now, tries, failingSince: due.failingSince ?? now, retryAfterMs });
  if (next) {
    await webhookCursors.failed(database.db.pool, due, attempt, next);
    log.info(fields, 'webhook delivery failed, will be retried');
    return;
  }
  const reason = statusCode === 410 ? 'it answered 410 Gone' : `deliveries to it failed for 72 hours; the last attempt: ${error}`;
  await webhookCursors.disable(database.db.pool, due, attempt, reason);
  metrics.endpointDisabled();
  log.warn(fields, 'webhook endpoint disabled');
}
