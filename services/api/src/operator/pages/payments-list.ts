import { paymentStatuses } from '@gateway/shared/payment';
import { paymentIdPattern, plusMs, storeIdPattern } from '@gateway/shared/runtime';
import { search } from '@gateway/shared/store';
import type { Request, RequestHandler } from 'express';
import { localTimeOf, momentOf } from '../layout/time-zones.ts';
import type { View } from '../layout/view.ts';
import type { PageTools } from '../page-tools.ts';
import { type PaymentQuery, paymentsPage, waitedSeconds, zoneOfQuery } from './payments-page.ts';

const ofPage = 50;

/** GET /operator/payments: the search box and the filters. A text that is the id of one payment leads to its page at once. */
export const paymentsRoute = ({ hosts, page }: PageTools): RequestHandler =>
  page(async (view, req) => {
    const query = queryOf(view, req);
    const found = await search.find(hosts.databases(), { ...searchOf(view, query), limit: ofPage });
    const [only, ...others] = found.payments;
    if (only && others.length === 0 && isId(query.q)) return { redirect: `/payments/${only.id}` };
    return paymentsPage(view, query, { rows: found.payments, next: found.next && cursorOf(found.next), unavailable: found.unavailable });
  });

/** Whether the text names one payment, and no order of many. */
const isId = (text: string): boolean =>
  search.readingsOf(text).some(({ kind }) => ['payment', 'refund', 'attempt', 'reference'].includes(kind));

function searchOf(view: View, query: PaymentQuery): Omit<search.PaymentSearch, 'limit'> {
  const zone = zoneOfQuery(view, query);
  return {
    ...search.searchOfNothing,
    text: query.q || null,
    amount: search.amountIn(query.amount),
    issuer: query.issuer.toLowerCase() || null,
    storeId: query.store || null,
    status: query.status || null,
    waitedMs: query.waited ? Number(query.waited) * 1_000 : null,
    from: momentOf(query.from, zone),
    to: momentOf(query.to, zone),
    after: cursorIn(query.after),
  };
}

const cursorOf = ({ at, id }: search.SearchCursor): string => `${at.getTime()}.${id}`;

function cursorIn(text: string): search.SearchCursor | null {
  const [, at, id = ''] = /^(\d{12,15})\.(pay_[0-9a-z]{26})$/.exec(text) ?? [];
  return at && paymentIdPattern.test(id) ? { at: new Date(Number(at)), id } : null;
}

function queryOf(view: View, { query }: Request): PaymentQuery {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name].trim().slice(0, 100) : '');
  const matching = (name: string, pattern: RegExp) => (pattern.test(text(name)) ? text(name) : '');
  const time = (name: string) => (momentOf(text(name), view.timeZone) ? text(name) : '');
  const waited = waitedSeconds.find((each) => each === text('waited')) ?? '';
  const yesterday = `${localTimeOf(plusMs(view.now, -86_400_000), view.timeZone).slice(0, 10)}T00:00`;
  return {
    q: text('q'),
    status: paymentStatuses.find((each) => each === text('status')) ?? '',
    store: matching('store', storeIdPattern),
    issuer: text('issuer'),
    amount: text('amount'),
    waited,
    // How long a till waited has no index: without a time the search reads the payments since yesterday.
    from: time('from') || (waited ? yesterday : ''),
    to: time('to'),
    after: text('after'),
  };
}
