import type { Host, Hosts } from '@gateway/shared/host';
import { type Payment, paymentStatuses } from '@gateway/shared/payment';
import { type Clock, paymentIdPattern } from '@gateway/shared/runtime';
import { type clients, pages } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { clientOf, requireStore } from '../http/authenticate-client.ts';
import { pageLimit } from '../http/page-limit.ts';
import { Problem } from '../http/problem.ts';
import { orderKeyOf } from '../orders/order-key.ts';
import { canonicalOrderKey } from './get-payment.ts';
import { paymentSchema, paymentView } from './payment-view.ts';
import type { QrLinks } from './qr-link.ts';

const timestamp = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-03-02T10:00:00+07:00' });

export const paymentsQuery = z.strictObject({
  order_id: z.string().min(1).max(200).optional(),
  store_id: z.string().min(1).max(64).optional(),
  status: z.enum(paymentStatuses).optional(),
  live: z.enum(['true', 'false']).optional().meta({ description: '`true`: only payments whose QR is on display or is being created' }),
  from: timestamp.optional().meta({ description: 'Created at this time or later' }),
  to: timestamp.optional().meta({ description: 'Created before this time' }),
  limit: pageLimit,
  cursor: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'The `next_cursor` of the previous page, with the other parameters unchanged' }),
});

export const paymentsSchema = z.object({ payments: z.array(paymentSchema), next_cursor: z.string().nullable() });

export interface ListPaymentsDeps {
  hosts: Hosts;
  links: QrLinks;
  clock: Clock;
}

/** GET /transaction/payments: newest first. A page starts after a cursor, so payments made in the meantime do not shift it. */
export const listOwnPayments =
  ({ hosts, links, clock }: ListPaymentsDeps): RequestHandler =>
  async (req, res) => {
    const query = paymentsQuery.parse(req.query);
    const client = clientOf(res);
    const host = hosts.of(client);
    const now = clock.now();
    const found = await findPayments(host, client, query, now);
    const page = found.slice(0, query.limit);
    const last = page.at(-1);
    res.json({
      payments: page.map((payment) => paymentView(payment, links, now)),
      next_cursor: last && found.length > query.limit ? cursorOf(last) : null,
    });
  };

type PaymentsQuery = z.output<typeof paymentsQuery>;

/** The payments of one page, and one more when another page follows. */
async function findPayments(host: Host, client: clients.Client, query: PaymentsQuery, now: Date): Promise<Payment[]> {
  const filter = { ...filterOf(client, query), host: host.id, now };
  const found = await pages.list(host.db.knex, filter);
  const { order_id: asSent, cursor } = query;
  const orderId = asSent && orderKeyOf(client, asSent);
  if (found.length > 0 || orderId === undefined || cursor !== undefined) return found;
  const orderKey = await canonicalOrderKey(host, client, orderId);
  return orderKey === null || orderKey === orderId ? found : pages.list(host.db.knex, { ...filter, orderKey });
}

function filterOf(client: clients.Client, { order_id: orderId, store_id: storeId, status, live, from, to, limit, cursor }: PaymentsQuery) {
  if (storeId !== undefined) requireStore(client, storeId, new Problem('store_not_found', 'No store with this id exists for this key.'));
  return {
    tenant: client.tenant,
    stores: storeId === undefined ? client.stores : [storeId],
    orderKey: orderId === undefined ? null : orderKeyOf(client, orderId),
    status: status ?? null,
    live: live === undefined ? null : live === 'true',
    from: from ? new Date(from) : null,
    to: to ? new Date(to) : null,
    after: cursor === undefined ? null : parseCursor(cursor),
    limit: limit + 1,
  };
}

/** A cursor names the last payment of its page. Callers must not read it: its content may change. */
const cursorOf = ({ createdAt, id }: pages.PageCursor): string => Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');

function parseCursor(cursor: string): pages.PageCursor {
  const [, at, id = ''] = /^(\d{12,15})\.(.*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (!at || !paymentIdPattern.test(id))
    throw new Problem('validation_failed', 'cursor: must be the next_cursor of the previous page.', {
      errors: [{ path: 'cursor', message: 'must be the next_cursor of the previous page' }],
    });
  return { createdAt: new Date(Number(at)), id };
}
