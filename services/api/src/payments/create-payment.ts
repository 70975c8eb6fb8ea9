import type { Host, Hosts } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import type { Enqueue } from '@gateway/shared/queue';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { type clients, payments } from '@gateway/shared/store';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { clientOf } from '../http/authenticate-client.ts';
import { fingerprintOf, idempotencyKeyOf, linkPath, preferredWaitMs } from '../http/headers.ts';
import { Problem } from '../http/problem.ts';
import type { TenantShare } from '../http/tenant-share.ts';
import { orderBody, orderFingerprint, orderPath } from '../orders/order-body.ts';
import { orderKeyOf } from '../orders/order-key.ts';
import { type OrderToStore, requireSum } from '../orders/store-order.ts';
import { requireTill, requireTillStore } from '../orders/till-caller.ts';
import { type Admission, type AdmittedCreate, tenantOf } from './admission.ts';
import { cancellationJob } from './cancellation-job.ts';
import { rememberFullOrders } from './full-orders.ts';
import { createOneAtATime } from './one-at-a-time.ts';
import { type OpenedPayment, type OpenRequest, openPayment } from './open-payment.ts';
import { type PaymentView, paymentView } from './payment-view.ts';
import type { QrLinks } from './qr-link.ts';
import type { Replies } from './reply-channel.ts';
import type { StoreRegistry } from './store-registry.ts';

export interface CreatePaymentDeps {
  admission: Admission;
  hosts: Hosts;
  tenantShare: TenantShare;
  stores: StoreRegistry;
  enqueue: Enqueue;
  replies: Replies;
  links: QrLinks;
  publicUrl: string;
  clock: Clock;
  log: Logger;
}

const ofTill = 'With a key of the host `till`: the order itself, which is stored as by PUT, in one transaction with the payment';

export const createPaymentBody = z
  .strictObject({
    order_id: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: "The order's id in your system", example: 'd275ff6b-08e9-6424-ca92-3934eb589840' }),
    expires_in: z.int().min(60).max(86_400).default(900).meta({ description: 'Seconds until the QR expires' }),
    store_id: orderPath.shape.store_id.optional().meta({ description: 'Together with `order`' }),
    order: orderBody.optional().meta({ description: ofTill }),
  })
  .refine(({ store_id: storeId, order }) => (storeId === undefined) === (order === undefined), {
    path: ['order'],
    error: 'order and store_id belong together',
  })
  .meta({ id: 'CreatePayment', example: { order_id: 'd275ff6b-08e9-6424-ca92-3934eb589840', expires_in: 900 } });

const maxWaitingForOrder = 20; // more presses on one order at the same time are a till caught in a loop

/** POST /transaction/payments: makes an order payable, and waits for the worker's QR at most as long as the caller prefers. */
export const createPayment = (deps: CreatePaymentDeps): RequestHandler => {
  const onePerOrder = createOneAtATime(maxWaitingForOrder);
  const unlessFull = rememberFullOrders(deps.clock);
  const paymentsPath = linkPath(deps.publicUrl, '/transaction/payments');
  const create = async (req: Request, res: Response, progress: AdmittedCreate) => {
    const arrivedAt = performance.now();
    const body = createPaymentBody.parse(req.body);
    const client = clientOf(res);
    const host = deps.hosts.of(client);
    const request: OpenRequest = {
      host,
      client,
      orderId: orderKeyOf(client, body.order_id),
      order: orderIn(body, client, deps.clock.now()),
      expiresInMs: body.expires_in * 1_000,
      key: requestKey(req, client, body),
      now: deps.clock.now(),
      replyTo: deps.replies.name,
    };
    const open = () => deps.tenantShare(client, () => openPayment(deps.stores, request));
    const opened = await onePerOrder(
      `${host.id} ${client.tenant} ${body.order_id}`,
      () => (request.key || request.order ? open() : unlessFull(`${client.id} ${body.order_id}`, open)), // a key may have an answer already
    );
    progress.stored(performance.now() - arrivedAt);
    if (opened.replaced) cancelReplaced(deps, host, opened.replaced);
    const payment = await waitForQr(deps, { host, opened, arrivedAt, progress, waitMs: preferredWaitMs(req) });
    answer(res, paymentsPath, { kind: opened.kind, view: paymentView(payment, deps.links, deps.clock.now()) });
  };
  return async (req, res) => {
    const progress = deps.admission.admit(tenantOf(clientOf(res)));
    try {
      await create(req, res, progress);
    } finally {
      progress.end();
    }
  };
};

/** The order in the request. @throws Refusal for a key of another host, and for a store that the key does not cover; Problem */
function orderIn(body: z.output<typeof createPaymentBody>, client: clients.Client, at: Date): OrderToStore | null {
  if (!body.order) return null;
  requireTill(client);
  const { store_id: storeId, order_id: orderId } = orderPath.parse(body);
  requireTillStore(client, storeId);
  requireSum(body.order);
  return { tenant: client.tenant, storeId, orderId, body: body.order, fingerprint: orderFingerprint(body.order), at };
}

function requestKey(req: Request, { id: clientId }: clients.Client, body: z.output<typeof createPaymentBody>): OpenRequest['key'] {
  const key = idempotencyKeyOf(req);
  return key === null ? null : { clientId, operation: 'create-payment', key, fingerprint: fingerprintOf(body) };
}

/** Not awaited: the row of the replaced payment is due already, so the sweep cancels it when the queue does not. */
function cancelReplaced({ enqueue }: CreatePaymentDeps, host: Host, replaced: Payment): void {
  void enqueue(cancellationJob(replaced), { host: host.id, paymentId: replaced.id, leaseNo: replaced.leaseNo });
}

interface QrWait {
  host: Host;
  opened: OpenedPayment;
  /** When the request arrived, by `performance.now()`: the caller's wait began there. */
  arrivedAt: number;
  progress: AdmittedCreate;
  waitMs: number;
}

/** The payment with its QR, or as it is when the caller has waited long enough. */
async function waitForQr(
  { enqueue, replies, clock }: CreatePaymentDeps,
  { host, opened, arrivedAt, progress, waitMs }: QrWait,
): Promise<Payment> {
  const { kind, payment } = opened;
  if (payment.status !== 'created') return payment;
  const db = host.db.pool;
  const waiting = replies.expect(payment.id, arrivedAt); // before the job is added: the reply could come first
  try {
    const { id: paymentId, leaseNo, storeId, amount } = payment;
    const isQueued = kind !== 'created' || (await enqueue('charge', { host: host.id, paymentId, leaseNo, routedBy: { storeId, amount } }));
    if (!isQueued) await payments.reschedule(db, payment, clock.now()); // the sweep charges it now, not when the lease ends
    const replyExpected = isQueued && payment.replyTo === replies.name;
    const latest = await waiting.until(({ status }) => status !== 'created', { payment, db, withinMs: waitMs, replyExpected });
    const providerMs = waiting.providerMs();
    if (providerMs !== null) progress.shown(performance.now() - arrivedAt - providerMs, providerMs);
    const isComplete = latest.status === 'created' || latest.status === 'pending';
    return isComplete ? latest : ((await payments.find(db, payment.id)) ?? latest); // a reply does not carry what was received
  } finally {
    waiting.stop();
  }
}

function answer(res: Response, paymentsPath: string, { kind, view }: { kind: OpenedPayment['kind']; view: PaymentView }): void {
  const isBeingMade = view.status === 'created';
  if (kind === 'replayed') res.setHeader('Idempotent-Replayed', 'true');
  if (view.status === 'failed' && !view.needs_review)
    throw new Problem('providers_unavailable', 'No provider returned a QR. Try again: the same Idempotency-Key creates a new payment.', {
      retryAfter: 5,
    });
  if (isBeingMade) res.setHeader('Retry-After', '1');
  res
    .location(`${paymentsPath}/${view.payment_id}`)
    .status(isBeingMade ? 202 : kind === 'created' ? 201 : 200)
    .json(view);
}
