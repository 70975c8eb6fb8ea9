import { eventReasons, paymentEventTypes } from '@gateway/shared/payment';
import { z } from 'zod';
import { paymentSchema } from '../payments/payment-view.ts';

const seq = z.int().positive().meta({ description: 'Starts at 1 for each store, and has no gaps', example: 118 });
const time = z.iso.datetime().meta({ description: 'UTC' });

/** An event as it is published on Redis Pub/Sub and returned by every route that reads events. */
export const eventSchema = z
  .object({
    seq,
    event_id: z.string().meta({ description: 'The same however often the event is delivered', example: 'evt_01jd0000000000000000000000' }),
    type: z.enum(paymentEventTypes),
    occurred_at: time,
    host: z.string().meta({ example: 'pos' }),
    store_id: z.string().meta({ example: 'JKT-01' }),
    order_id: z.string().meta({ example: 'd275ff6b-08e9-6424-ca92-3934eb589840' }),
    order_number: z.string().meta({ example: 'A-0042' }),
    table: paymentSchema.shape.table,
    order_type: paymentSchema.shape.order_type,
    metadata: paymentSchema.shape.metadata,
    payment_id: z.string().meta({ example: 'pay_01jd0000000000000000000000' }),
    transaction_id: z.string().nullable().meta({ example: 'pos-01jd0000000000000000000000-1' }),
    status: paymentSchema.shape.status,
    amount: z.int().meta({ description: 'Whole rupiah', example: 55_000 }),
    currency: z.literal('IDR'),
    data: z.looseObject({}).meta({
      description: `\`order.paid\`: \`items\` and \`release\`. Other types: fields of that type, such as \`reason\`. \`payment.cancelled\`: \`reason\` is one of ${eventReasons['payment.cancelled'].map((reason) => `\`${reason}\``).join(', ')}`,
    }),
  })
  .meta({ id: 'Event' });

export const eventsSchema = z
  .object({
    events: z.array(eventSchema),
    next_after: z.int().meta({ description: 'The value of `after` for the next page', example: 118 }),
    oldest_seq: z.int().meta({ description: 'The `seq` of the oldest stored event', example: 1 }),
  })
  .meta({ id: 'Events' });

export const snapshotSchema = z
  .object({
    store_id: z.string().meta({ example: 'JKT-01' }),
    seq: z
      .int()
      .meta({ description: 'The snapshot includes every event up to this `seq`: continue with the events after it', example: 118 }),
    payments: z.array(paymentSchema).meta({ description: 'Those that are `created` or `pending`' }),
    orders: z.array(eventSchema).meta({
      description:
        'The `order.paid` events of the last 12 hours, as published. The kitchen recognises by `event_id` which ones it has already.',
    }),
  })
  .meta({ id: 'Snapshot' });

export const streamTokenSchema = z
  .object({ token: z.string().meta({ example: 'est_JKT-01.1772420000.Zm9v' }), expires_at: time })
  .meta({ id: 'StreamToken' });
