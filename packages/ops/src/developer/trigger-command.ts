import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from '../cli.ts';
import { terminalError, terminalUsageError } from '../terminal-error.ts';
import { type Gateway, readGateway } from './gateway.ts';

interface Payment {
  payment_id: string;
  status: string;
  amount: number;
  store_id: string;
}

const paymentRoute = (paymentId: string, action = ''): string => `/transaction/payments/${paymentId}${action}`;

async function pay(gateway: Gateway, { payment_id: id }: Payment): Promise<void> {
  const answer = await gateway.request(`/simulator/payments/${id}/pay`, { method: 'POST', body: {} });
  if (answer.status === 404) throw terminalError('this gateway has no simulator: pay the QR in the sandbox of its provider');
  if (!answer.ok) throw terminalError(`the simulator answered ${answer.status}`);
}

const waitMs = 20_000;

async function untilPaid(gateway: Gateway, { payment_id: id }: Payment): Promise<Payment> {
  for (const end = Date.now() + waitMs; Date.now() < end; await delay(100)) {
    const payment = await gateway.json<Payment>(paymentRoute(id));
    if (payment.status === 'paid') return payment;
  }
  throw terminalError(`payment ${id} was not paid within ${waitMs / 1_000} s`);
}

/** What makes each event happen, after a payment of the order has its QR. */
const actions: Record<string, (gateway: Gateway, payment: Payment) => Promise<unknown>> = {
  'payment.pending': async () => {},
  'payment.paid': pay,
  'order.paid': pay,
  'payment.cancelled': (gateway, { payment_id: id }) => gateway.json(paymentRoute(id, '/cancel'), { method: 'POST' }),
  'payment.paid_late': async (gateway, payment) => {
    await gateway.json(paymentRoute(payment.payment_id, '/cancel'), { method: 'POST' });
    await pay(gateway, payment);
  },
  'refund.succeeded': async (gateway, payment) => {
    await pay(gateway, payment);
    const { amount } = await untilPaid(gateway, payment);
    await gateway.json(paymentRoute(payment.payment_id, '/refunds'), {
      method: 'POST',
      headers: { 'idempotency-key': randomUUID() },
      body: { amount, reason: 'npm run trigger' },
    });
  },
};
const known = Object.keys(actions).join(', ');

/** `npm run trigger`: makes an event happen for real, with a payment of the order. */
export const triggerCommand: Command = {
  words: '',
  usage: '<event type> --order <id>',
  description: `Makes an event happen with the simulator: ${known}. For a local stack; payment.pending and payment.cancelled also for a sandbox.`,
  positionals: 1,
  options: { order: { type: 'string' } },
  run: async (args, env) => {
    const type = args.positional('the type of the event');
    const action = actions[type];
    if (!action) throw terminalUsageError(`unknown event type ${type}; known types: ${known}`);
    const gateway = readGateway(env);
    const body = { order_id: args.option('order') };
    const payment = await gateway.json<Payment>('/transaction/payments', { method: 'POST', body, headers: { prefer: 'wait=20' } });
    await action(gateway, payment);
    const { payment_id, store_id } = payment;
    return { json: { type, payment_id, store_id }, text: `${type}: payment ${payment_id} of store ${store_id}.` };
  },
};
