import { randomUUID } from 'node:crypto';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type { PaymentBody } from '@gateway/testing/stack/till';

/** A payment that the product made, with the number of its order. */
export interface Made {
  id: string;
  reference: string;
  orderNumber: string;
}

/** Creates a payment whose QR is on display. */
export async function displayed(stack: TestStack, order: { total: number; outlet: string }): Promise<Made> {
  const { status, body } = await stack.till().create(await anOrder(stack.pos, order), { 'idempotency-key': randomUUID() });
  if (status !== 201) throw new Error(`a create was answered ${status}: ${body.detail}`);
  const { rows } = await stack.pos.query<{ number: string }>('select order_number as number from gateway.payments where id = $1', [
    body.payment_id,
  ]);
  return { id: body.payment_id, reference: body.transaction_id, orderNumber: rows[0]?.number ?? '' };
}

const until = (stack: TestStack, { id }: Made, isSo: (payment: PaymentBody) => boolean) =>
  eventually(async () => isSo((await stack.till().get(id)).body));

export async function paid(stack: TestStack, made: Made, how: { issuer: string; amount?: number }): Promise<Made> {
  await stack.simulator.pay(made.reference, how);
  await until(stack, made, ({ status }) => status === 'paid');
  return made;
}

/** The guest pays after the QR has expired. */
export async function paidLate(stack: TestStack, made: Made, issuer: string): Promise<Made> {
  await stack.simulator.expire(made.reference);
  await until(stack, made, ({ status }) => status === 'expired');
  return paid(stack, made, { issuer });
}

/** Moves what is stored of a payment to the same time yesterday: the processes use the machine's clock, so the rows are made older. */
export async function madeYesterday({ pos }: TestStack, { id, reference }: Made): Promise<void> {
  const earlier = `interval '1 day'`;
  await pos.query(
    `update gateway.payments set created_at = created_at - ${earlier}, expires_at = expires_at - ${earlier}, paid_at = paid_at - ${earlier},
       route = (select jsonb_agg(step || jsonb_build_object('at', to_char((step->>'at')::timestamptz at time zone 'UTC' - ${earlier}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
         from jsonb_array_elements(route) step) where id = $1`,
    [id],
  );
  await pos.query(
    `update gateway.attempts set started_at = started_at - ${earlier}, answered_at = answered_at - ${earlier}, paid_at = paid_at - ${earlier} where payment_id = $1`,
    [id],
  );
  await pos.query(
    `update gateway.payment_events set occurred_at = occurred_at - ${earlier},
       payload = payload || jsonb_build_object('occurred_at', to_char((payload->>'occurred_at')::timestamptz at time zone 'UTC' - ${earlier}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
     where payment_id = $1`,
    [id],
  );
  await pos.query(
    `update gateway.webhook_inbox set received_at = received_at - ${earlier}, processed_at = processed_at - ${earlier} where reference like $1 || '%'`,
    [reference],
  );
}
