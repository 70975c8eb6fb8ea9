import type { ApiDeps } from '@gateway/api';
import { clientOf, findOwnPayment, Problem } from '@gateway/api';
import { transactionId } from '@gateway/shared/payment';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { forward } from './forward.ts';

export const payBody = z
  .strictObject({
    issuer: z.string().max(40).default('dana').meta({ description: "The payer's app" }),
    amount: z.int().positive().nullable().default(null).meta({ description: 'Whole rupiah; null: the amount in the QR' }),
    deliveries: z.int().min(1).max(20).default(1).meta({ description: 'How many times the webhook is delivered' }),
    delay_ms: z.int().min(0).max(600_000).default(0).meta({ description: 'Delay of the webhook' }),
  })
  .meta({ id: 'PayAtSimulator' });

/** POST /simulator/payments/{payment_id}/pay: the guest scans the payment's QR and pays it at the simulator. */
export const proxyPay =
  ({ hosts, simulatorUrl }: Pick<ApiDeps, 'hosts'> & { simulatorUrl: string }): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const payment = await findOwnPayment(hosts.of(client), client, req.params.paymentId);
    const reference = transactionId(payment);
    if (!reference) throw new Problem('qr_gone', 'This payment has no QR that could be paid.');
    const url = new URL(`control/charges/${reference}/pay`, `${simulatorUrl}/`);
    await forward(res, url, { method: 'POST', body: payBody.parse(req.body ?? {}) });
  };
