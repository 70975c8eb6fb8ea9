import { type AttemptRow, attemptsOf, findPayment, type Payment, routeInWords } from '@gateway/shared/store';
import { CannotDo } from './cannot-do.ts';
import type { Command } from './program.ts';
import { inEveryDatabase } from './surroundings.ts';
import { table } from './table.ts';

interface Routed {
  payment: Payment;
  attempts: AttemptRow[];
}

export const routeCommand: Command = {
  words: 'route',
  takes: '<payment>',
  does: 'Which providers were considered for its QR, who was skipped or failed and why, and what became of each attempt. Times are UTC.',
  positionals: 1,
  options: {},
  run: async (given, env) => {
    const id = given.word('the payment');
    const { found, trouble } = await inEveryDatabase(env, async (db): Promise<Routed[]> => {
      const payment = await findPayment(db.pool, id);
      return payment ? [{ payment, attempts: await attemptsOf(db.pool, id) }] : [];
    });
    const routed = found[0];
    if (!routed) throw new CannotDo([`there is no payment ${id}`, ...trouble].join('. '));
    const { payment, attempts } = routed;
    const columns = {
      ATTEMPT: ({ reference }: AttemptRow) => reference,
      PROVIDER: ({ provider, account }: AttemptRow) => `${provider} / ${account}`,
      STATUS: ({ status, no }: AttemptRow) => (no === payment.shownAttempt ? `${status}, shown` : status),
      WHY: ({ reason }: AttemptRow) => reason,
      STARTED: ({ startedAt }: AttemptRow) => startedAt,
      ANSWERED: ({ answeredAt }: AttemptRow) => answeredAt,
      NEXT: ({ resolveAt }: AttemptRow) => resolveAt,
    };
    const words = routeInWords(payment.route);
    return {
      json: { payment_id: id, status: payment.status, route: words, steps: payment.route, attempts: attempts.map(jsonOf) },
      text: `${id} is ${payment.status}: ${words}.\n\n${table(attempts, columns, 'No provider was asked.')}`,
      trouble,
    };
  },
};

const jsonOf = ({ reference, provider, account, status, reason, startedAt, answeredAt, resolveAt }: AttemptRow) => ({
  reference,
  provider,
  account,
  status,
  reason,
  started_at: startedAt,
  answered_at: answeredAt,
  resolve_at: resolveAt,
});
