import type { ApiDeps } from '@gateway/api';
import { clientOf, findOwnPayment, Problem } from '@gateway/api';
import { transactionId } from '@gateway/shared/payment';
import type { RequestHandler } from 'express';
import { z } from 'zod';

export const payBody = z
  .strictObject({
    issuer: z.string().max(40).default('dana').meta({ description: 'Whose app pays' }),
    amount: z.int().positive().nullable().default(null).meta({ description: 'Null: what the QR says' }),
    deliveries: z.int().min(1).max(20).default(1).meta({ description: 'How often the webhook is sent' }),
    delay_ms: z.int().min(0).max(600_000).default(0).meta({ description: 'How late the webhook is' }),
  })
  .meta({ id: 'PayAtSimulator' });

const timeoutMs = 5_000;

/** POST /simulator/payments/{payment_id}/pay: the customer scans and pays. Only the local stack has it. */
export const proxyPay =
  ({ hosts, simulatorUrl }: Pick<ApiDeps, 'hosts'> & { simulatorUrl: string }): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const payment = await findOwnPayment(hosts.of(client), client, req.params.paymentId);
    const reference = transactionId(payment);
    if (!reference) throw new Problem('qr_gone', 'This payment has no QR that could be paid.');
    const response = await fetch(new URL(`control/charges/${reference}/pay`, `${simulatorUrl}/`), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payBody.parse(req.body ?? {})),
      signal: AbortSignal.timeout(timeoutMs),
    });
    res
      .status(response.status)
      .type('application/json')
      .send(await response.text());
  };
