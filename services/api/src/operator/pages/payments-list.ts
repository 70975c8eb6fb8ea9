import { paymentStatuses } from '@gateway/shared/payment';
import { lowestPaymentId, paymentIdPattern, plusMs, storeIdPattern } from '@gateway/shared/runtime';
import { consoleLists } from '@gateway/shared/store';
import type { Request, RequestHandler } from 'express';
import type pg from 'pg';
import type { PageTools } from '../page-tools.ts';
import { type PaymentQuery, paymentsPage } from './payments-page.ts';

type Everywhere = <Row>(query: (db: pg.Pool) => Promise<Row[]>) => Promise<Row[]>;

const ofPage = 50;

/** GET /operator/payments: the search box and the filters. A text that is the id of one payment leads to its page at once. */
export const paymentsRoute =
  ({ links, page }: PageTools, everywhere: Everywhere): RequestHandler =>
  async (req, res, next) => {
    const query = queryOf(req);
    if (isId(query.q)) {
      const found = await everywhere(async (db) => [await consoleLists.paymentIdOf(db, query.q)]);
      const id = found.find((each) => each !== null);
      if (id) return res.redirect(303, links.href(`/payments/${id}`));
    }
    const show = page(async (view) => {
      const rows = await everywhere((db) => consoleLists.payments(db, filterOf(query, ofPage + 1)));
      const newest = rows.sort((a, b) => (a.id < b.id ? 1 : -1));
      return paymentsPage(view, query, { rows: newest.slice(0, ofPage), hasMore: newest.length > ofPage });
    });
    return show(req, res, next);
  };

/** Long enough to be an id: it is looked for by its index, too. */
const isId = (text: string): boolean => /^[\w.:-]{8,64}$/.test(text);

function filterOf(query: PaymentQuery, limit: number): consoleLists.PaymentListFilter {
  const amount = query.amount.replaceAll('.', '');
  const text = /^\d[\d.]*$/.test(query.q) ? query.q.replaceAll('.', '') : query.q; // 55.000 is 55000
  return {
    text: text || null,
    status: query.status || null,
    storeId: query.store || null,
    issuer: query.issuer || null,
    amount: /^\d{1,12}$/.test(amount) ? Number(amount) : null,
    fromId: boundOf(query.from),
    beforeId: query.before || boundOf(query.to, 86_400_000),
    limit,
  };
}

/** The lowest id of the day, or of the moment that is so much later. Null: no day was given. */
function boundOf(day: string, laterMs = 0): string | null {
  const at = new Date(day);
  return Number.isNaN(at.getTime()) ? null : lowestPaymentId(plusMs(at, laterMs));
}

function queryOf({ query }: Request): PaymentQuery {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name].trim().slice(0, 100) : '');
  const matching = (name: string, pattern: RegExp) => (pattern.test(text(name)) ? text(name) : '');
  const day = /^\d{4}-\d{2}-\d{2}$/;
  return {
    q: text('q'),
    status: paymentStatuses.find((each) => each === text('status')) ?? '',
    store: matching('store', storeIdPattern),
    issuer: text('issuer'),
    amount: text('amount'),
    from: matching('from', day),
    to: matching('to', day),
    before: matching('before', paymentIdPattern),
  };
}
