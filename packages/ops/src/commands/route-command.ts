import { type Attempt, describeRoute, type Payment } from '@gateway/shared/payment';
import { attempts, payments } from '@gateway/shared/store';
import type { Command } from '../cli.ts';
import { CommandError } from '../command-error.ts';
import { inEveryDatabase } from '../context.ts';
import { table } from '../table.ts';

interface PaymentRoute {
  payment: Payment;
  attempts: Attempt[];
}

export const routeCommand: Command = {
  words: 'route',
  usage: '<payment>',
  description:
    'Which providers were considered for the QR of a payment, which were skipped or failed and why, and the result of each attempt. Times are UTC.',
  positionals: 1,
  options: {},
  run: async (args, env) => {
    const id = args.positional('the id of the payment (pay_…)');
    const { rows, errors, notes } = await inEveryDatabase(env, async (db): Promise<PaymentRoute[]> => {
      const payment = await payments.find(db.pool, id);
      return payment ? [{ payment, attempts: await attempts.ofPayment(db.pool, id) }] : [];
    });
    const routed = rows[0];
    if (!routed) throw new CommandError([`payment ${id} not found`, ...errors, ...notes].join('. '));
    const { payment, attempts: attemptRows } = routed;
    const columns = {
      ATTEMPT: ({ reference }: Attempt) => reference,
      PROVIDER: ({ provider, account }: Attempt) => `${provider} / ${account}`,
      STATUS: ({ status, no }: Attempt) => (no === payment.shownAttempt ? `${status}, shown` : status),
      WHY: ({ reason }: Attempt) => reason,
      STARTED: ({ startedAt }: Attempt) => startedAt,
      ANSWERED: ({ answeredAt }: Attempt) => answeredAt,
      NEXT: ({ resolveAt }: Attempt) => resolveAt,
    };
    const words = describeRoute(payment.route);
    return {
      json: { payment_id: id, status: payment.status, route: words, steps: payment.route, attempts: attemptRows.map(jsonOf) },
      text: `${id} is ${payment.status}: ${words}.\n\n${table(attemptRows, columns, 'No provider was asked.')}`,
      errors,
      notes,
    };
  },
};

const jsonOf = ({ reference, provider, account, status, reason, startedAt, answeredAt, resolveAt }: Attempt) => ({
  reference,
  provider,
  account,
  status,
  reason,
  started_at: startedAt,
  answered_at: answeredAt,
  resolve_at: resolveAt,
});
