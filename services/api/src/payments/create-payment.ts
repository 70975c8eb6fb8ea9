import type { Payment } from '@gateway/shared/payment';
import { payments } from '@gateway/shared/store';
import type { RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { fingerprintOf, idempotencyKeyOf, preferredWaitMs } from '../http/headers.ts';
import { Problem } from '../http/problem.ts';
import { cancellationJob } from './cancel-payment.ts';
import { type OpenedPayment, openPayment } from './open-payment.ts';
import { paymentView } from './payment-view.ts';

export const createPaymentBody = z
  .strictObject({
    order_id: z.string().min(1).max(200).meta({ description: "The order's id in your system" }),
    expires_in: z.int().min(60).max(86_400).default(900).meta({ description: 'Seconds until the QR expires' }),
  })
  .meta({ id: 'CreatePayment' });

/** POST /transaction/payments: makes an order payable. Waits for the worker's word, at most as long as the caller prefers. */
export const createPayment =
  ({
    hosts,
    stores,
    enqueue,
    replies,
    links,
    clock,
  }: Pick<ApiDeps, 'hosts' | 'stores' | 'enqueue' | 'replies' | 'links' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const arrivedAt = performance.now();
    const body = createPaymentBody.parse(req.body);
    const client = clientOf(res);
    const host = hosts.of(client);
    const idempotencyKey = idempotencyKeyOf(req);
    const key =
      idempotencyKey === null
        ? null
        : { clientId: client.id, operation: 'create-payment' as const, key: idempotencyKey, fingerprint: fingerprintOf(body) };
    const opened = await openPayment(stores, {
      host,
      client,
      orderId: body.order_id,
      expiresInMs: body.expires_in * 1_000,
      key,
      now: clock.now(),
      replyTo: replies.name,
    });
    answer(res, opened, await waitForQr(opened));

    /** The payment with its QR, or as it is when the caller has waited enough. */
    async function waitForQr({ kind, payment, replaced }: OpenedPayment): Promise<Payment> {
      // Not awaited: its row is due now, so the sweep would find it.
      if (replaced) void enqueue(cancellationJob(replaced), { host: host.id, paymentId: replaced.id, leaseNo: replaced.leaseNo });
      if (payment.status !== 'created') return payment;
      const waiting = replies.expect(payment.id, arrivedAt);
      try {
        const isQueued =
          kind !== 'created' || (await enqueue('charge', { host: host.id, paymentId: payment.id, leaseNo: payment.leaseNo })); // lost in a crash? the sweep finds the row
        if (!isQueued) await payments.reschedule(host.db.pool, payment, clock.now()); // …and need not wait for it
        const replyExpected = isQueued && payment.replyTo === replies.name;
        return await waiting.until(({ status }) => status !== 'created', {
          payment,
          db: host.db.pool,
          withinMs: preferredWaitMs(req),
          replyExpected,
        });
      } finally {
        waiting.stop();
      }
    }

    function answer(response: Response, { kind }: OpenedPayment, payment: Payment): void {
      const path = `/transaction/payments/${payment.id}`;
      if (kind === 'replayed') response.setHeader('Idempotent-Replayed', 'true');
      if (payment.status === 'failed')
        throw new Problem(
          'providers_unavailable',
          'No provider returned a QR. Try again: the same Idempotency-Key creates a new payment.',
          { retryAfter: 5 },
        );
      if (payment.status === 'created') response.setHeader('Retry-After', '1');
      response
        .location(path)
        .status(payment.status === 'created' ? 202 : kind === 'created' ? 201 : 200)
        .json(paymentView(payment, links, clock.now()));
    }
  };
