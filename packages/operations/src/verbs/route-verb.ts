import { type Attempt, describeRoute, type Payment } from '@gateway/shared/payment';
import { attempts, payments } from '@gateway/shared/store';
import { z } from 'zod';
import { codeWords } from '../codes.ts';
import { CommandError } from '../command-error.ts';
import { argument } from '../field.ts';
import { table } from '../table.ts';
import { defineVerb } from '../verb.ts';
import { joined } from '../words.ts';
import { paymentNotFound } from './payment-not-found.ts';

interface PaymentRoute {
  payment: Payment;
  attempts: Attempt[];
}

export const routeVerb = defineVerb({
  words: 'route',
  group: 'payments',
  role: 'viewer',
  changes: null,
  reason: 'none',
  title: { en: 'Route of a payment', id: 'Rute pembayaran' },
  description: {
    en: 'Which providers were considered for the QR of a payment, which were skipped or failed and why, and the result of each attempt. Times are UTC.',
    id: 'Penyedia mana yang dipertimbangkan untuk QR suatu pembayaran, mana yang dilewati atau gagal dan mengapa, dan hasil setiap percobaan. Waktu dalam UTC.',
  },
  fields: {
    payment: argument('the id of the payment (pay_…)', z.string(), { label: { en: 'Payment', id: 'Pembayaran' }, placeholder: 'payment' }),
  },
  run: async (context, { payment: id }) => {
    const { rows, errors, notes } = await context.inEveryDatabase(async (db): Promise<PaymentRoute[]> => {
      const payment = await payments.find(db.pool, id);
      return payment ? [{ payment, attempts: await attempts.ofPayment(db.pool, id) }] : [];
    });
    const routed = rows[0];
    if (!routed) throw new CommandError(joined([paymentNotFound(id), ...errors, ...notes], '. '));
    const { payment, attempts: attemptRows } = routed;
    const columns = {
      ATTEMPT: ({ reference }: Attempt) => reference,
      PROVIDER: ({ provider, account }: Attempt) => `${provider} / ${account}`,
      STATUS: ({ status, no }: Attempt) => {
        const words = codeWords(status);
        return no === payment.shownAttempt ? { en: `${words.en}, shown`, id: `${words.id}, ditampilkan` } : words;
      },
      WHY: ({ reason }: Attempt) => reason && codeWords(reason),
      STARTED: ({ startedAt }: Attempt) => startedAt,
      ANSWERED: ({ answeredAt }: Attempt) => answeredAt,
      NEXT: ({ resolveAt }: Attempt) => resolveAt,
    };
    const words = describeRoute(payment.route);
    return {
      json: { payment_id: id, status: payment.status, route: words, steps: payment.route, attempts: attemptRows.map(jsonOf) },
      content: [
        { en: `${id} is ${payment.status}: ${words}.`, id: `Status ${id}: ${codeWords(payment.status).id}.` },
        table(attemptRows, columns, { en: 'No provider was asked.', id: 'Tidak ada penyedia yang ditanyai.' }),
      ],
      errors,
      notes,
    };
  },
});

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
