import { hostToldAt, paymentHistory, refundsOf } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ApiDeps } from '../../deps.ts';
import { clientOf } from '../../http/authenticate-client.ts';
import { findOwnPayment } from '../find-own-payment.ts';
import { languages } from './sentences.ts';
import { whatHappened, whatHappensNext } from './timeline.ts';

const at = z.iso.datetime().meta({ description: 'UTC' });
const text = z.string().meta({ description: 'A sentence, in the language of Accept-Language: `id` (unless asked otherwise) or `en`' });
const key = z.string().meta({ description: 'What the sentence is called: stable, in no language' });

export const timelineSchema = z.object({
  timeline: z.array(z.object({ at, key, text })).meta({ description: 'What happened, oldest first' }),
  next: z
    .object({ at: at.nullable().meta({ description: 'Null: when a person decides' }), key, text })
    .nullable()
    .meta({ description: 'What happens next by itself; null when nothing will' }),
});

/** GET …/timeline: what happened, what happens next and when, in words. Names no provider. */
export const getTimeline =
  ({ hosts, clock }: Pick<ApiDeps, 'hosts' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    const payment = await findOwnPayment(host, client, req.params.paymentId);
    const { pool } = host.db;
    const [events, refunds, toldAt] = await Promise.all([
      paymentHistory(pool, payment.id),
      refundsOf(pool, payment.id),
      hostToldAt(pool, payment.id),
    ]);
    const language = languages.find((each) => each === req.acceptsLanguages([...languages])) ?? languages[0];
    const story = { payment, events, refunds, hostToldAt: toldAt, now: clock.now() };
    const telling = { language, timeZone: host.folder.timezone };
    res.setHeader('Content-Language', language);
    res.vary('Accept-Language');
    res.json({ timeline: whatHappened(story, telling), next: whatHappensNext(story, telling) });
  };
