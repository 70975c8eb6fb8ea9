import { paymentStatuses } from '@gateway/shared/payment';
import { paymentIdPattern, plusMs, storeIdPattern } from '@gateway/shared/runtime';
import { search } from '@gateway/shared/store';
import type { Request, RequestHandler } from 'express';
import type { PageTools } from '../page-tools.ts';
import { type PaymentQuery, paymentsPage } from './payments-page.ts';

const ofPage = 50;

/** GET /operator/payments: the search box and the filters. A text that is the id of one payment leads to its page at once. */
export const paymentsRoute = ({ hosts, page }: PageTools): RequestHandler =>
  page(async (view, req) => {
    const query = queryOf(req);
    const found = await search.find(hosts.databases(), { ...searchOf(query), limit: ofPage });
    const [only, ...others] = found.payments;
    if (only && others.length === 0 && isId(query.q)) return { redirect: `/payments/${only.id}` };
    return paymentsPage(view, query, { rows: found.payments, next: found.next && cursorOf(found.next), unavailable: found.unavailable });
  });

/** Whether the text names one payment, and no order of many. */
const isId = (text: string): boolean =>
  search.readingsOf(text).some(({ kind }) => ['payment', 'refund', 'attempt', 'reference'].includes(kind));

function searchOf(query: PaymentQuery): Omit<search.PaymentSearch, 'limit'> {
  const to = dayOf(query.to);
  return {
    ...search.searchOfNothing,
    text: query.q || null,
    amount: search.amountIn(query.amount),
    issuer: query.issuer.toLowerCase() || null,
    storeId: query.store || null,
    status: query.status || null,
    from: dayOf(query.from),
    to: to && plusMs(to, 86_400_000),
    after: cursorIn(query.after),
  };
}

/** The beginning of the day in UTC. Null: no day was entered. */
function dayOf(day: string): Date | null {
  const at = new Date(day);
  return Number.isNaN(at.getTime()) ? null : at;
}

const cursorOf = ({ at, id }: search.SearchCursor): string => `${at.getTime()}.${id}`;

function cursorIn(text: string): search.SearchCursor | null {
  const [, at, id = ''] = /^(\d{12,15})\.(pay_[0-9a-z]{26})$/.exec(text) ?? [];
  return at && paymentIdPattern.test(id) ? { at: new Date(Number(at)), id } : null;
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
    after: text('after'),
  };
}
