import { paymentStatuses } from '@gateway/shared/payment';
import { paymentIdPattern } from '@gateway/shared/runtime';
import { pages } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import { clientOf, mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { canonicalOrderKey } from './get-payment.ts';
import { paymentSchema, paymentView } from './payment-view.ts';

const timestamp = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-03-02T10:00:00+07:00' });

export const paymentsQuery = z.strictObject({
  order_id: z.string().min(1).max(200).optional(),
  store_id: z.string().min(1).max(64).optional(),
  status: z.enum(paymentStatuses).optional(),
  live: z.enum(['true', 'false']).optional().meta({ description: '`true`: only payments whose QR is on display or is being created' }),
  from: timestamp.optional().meta({ description: 'Created at this time or later' }),
  to: timestamp.optional().meta({ description: 'Created before this time' }),
  limit: z.coerce.number('must be a whole number, 1 to 200').int().min(1).max(200).default(50),
  cursor: z.string().max(100).optional().meta({ description: '`next_cursor` of the page before; the other parameters as they were' }),
});

export const paymentsSchema = z.object({ payments: z.array(paymentSchema), next_cursor: z.string().nullable() });

/** GET /transaction/payments: newest first. A page holds what it held, whatever is paid or made meanwhile. */
export const listOwnPayments =
  ({ hosts, links, clock }: Pick<ApiDeps, 'hosts' | 'links' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const { order_id: orderId, store_id: storeId, status, live, from, to, limit, cursor } = paymentsQuery.parse(req.query);
    const client = clientOf(res);
    const host = hosts.of(client);
    if (storeId !== undefined && !mayUseStore(client, storeId))
      throw new Problem('store_not_found', 'No store with this id exists for this key.');
    const now = clock.now();
    const filter = {
      host: host.id,
      tenant: client.tenant,
      stores: storeId === undefined ? client.stores : [storeId],
      orderKey: orderId ?? null,
      status: status ?? null,
      live: live === undefined ? null : live === 'true',
      from: from ? new Date(from) : null,
      to: to ? new Date(to) : null,
      after: cursor === undefined ? null : parseCursor(cursor),
      limit: limit + 1, // the one more says whether there is another page
      now,
    };
    let found = await pages.list(host.db.knex, filter);
    if (found.length === 0 && orderId !== undefined && cursor === undefined) {
      const orderKey = await canonicalOrderKey(host, client, orderId);
      if (orderKey !== null && orderKey !== orderId) found = await pages.list(host.db.knex, { ...filter, orderKey });
    }
    const page = found.slice(0, limit);
    const last = page.at(-1);
    res.json({
      payments: page.map((payment) => paymentView(payment, links, now)),
      next_cursor: last && found.length > limit ? cursorOf(last) : null,
    });
  };

/** Opaque to the caller: what it means may change. */
const cursorOf = ({ createdAt, id }: pages.PageCursor): string => Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');

function parseCursor(cursor: string): pages.PageCursor {
  const [, at, id = ''] = /^(\d{12,15})\.(.*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (!at || !paymentIdPattern.test(id))
    throw new Problem('validation_failed', 'cursor: must be the next_cursor of the previous page.', {
      errors: [{ path: 'cursor', message: 'must be the next_cursor of the previous page' }],
    });
  return { createdAt: new Date(Number(at)), id };
}
