import type { Hosts } from '@gateway/shared/host';
import type { Clock } from '@gateway/shared/runtime';
import { events, hostWrites, refunds } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { clientOf } from '../../http/authenticate-client.ts';
import { findOwnPayment } from '../find-own-payment.ts';
import { languages } from './sentences.ts';
import { nextEntry, pastEntries } from './timeline.ts';

const at = z.iso.datetime().meta({ description: 'UTC' });
const text = z
  .string()
  .meta({ description: 'A sentence in the language of Accept-Language: `id` (default) or `en`', example: 'The QR is on display.' });
const key = z.string().meta({ description: 'Stable name of the sentence, the same in every language', example: 'displayed' });

export const timelineSchema = z.object({
  timeline: z.array(z.object({ at, key, text })).meta({ description: 'What happened, oldest first' }),
  next: z
    .object({ at: at.nullable().meta({ description: 'Null: when an operator decides' }), key, text })
    .nullable()
    .meta({ description: 'What happens next automatically; null when nothing will' }),
});

export interface GetTimelineDeps {
  hosts: Hosts;
  clock: Clock;
}

/** GET /transaction/payments/{payment_id}/timeline: what happened, what happens next and when, in words. Names no provider. */
export const getTimeline =
  ({ hosts, clock }: GetTimelineDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    const payment = await findOwnPayment(host, client, req.params.paymentId);
    const { pool } = host.db;
    const [pastEvents, refundRows, hostRetryAt] = await Promise.all([
      events.ofPayment(pool, payment),
      refunds.ofPayment(pool, payment.id),
      hostWrites.nextRetryAt(pool, payment.id),
    ]);
    const language = languages.find((each) => each === req.acceptsLanguages([...languages])) ?? languages[0];
    const input = { payment, events: pastEvents, refunds: refundRows, hostRetryAt, now: clock.now() };
    const locale = { language, timeZone: host.folder.timezone };
    res.setHeader('Content-Language', language);
    res.vary('Accept-Language');
    res.json({ timeline: pastEntries(input, locale), next: nextEntry(input, locale) });
  };
