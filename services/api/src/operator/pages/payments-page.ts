import { type Payment, type PaymentStatus, paymentStatuses } from '@gateway/shared/payment';
import { type Html, html } from '../../http/html.ts';
import { type Column, chip, money, nothing, paymentLink, statusChip, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';

/** What the address of the list says. An empty text is no filter. */
export interface PaymentQuery {
  q: string;
  status: PaymentStatus | '';
  store: string;
  issuer: string;
  amount: string;
  from: string;
  to: string;
  /** The last payment of the page before. */
  after: string;
}

interface Listed {
  rows: readonly Payment[];
  /** Where the next page begins; null: this is the last one. */
  next: string | null;
  /** The databases that did not answer. */
  unavailable: readonly string[];
}

/** The list of payments, newest first. */
export function paymentsPage(view: View, query: PaymentQuery, { rows, next, unavailable }: Listed): string {
  const { texts } = view;
  const columns: Column<Payment>[] = [
    { title: texts.time, cell: ({ createdAt }) => time(view, createdAt) },
    { title: texts.order, cell: ({ id, orderNumber }) => paymentLink(view, id, orderNumber) },
    { title: texts.store, cell: ({ storeId, host }) => html`${storeId} <span class="quiet">${host}</span>` },
    { title: texts.amount, cell: ({ amount }) => money(amount), isNumber: true },
    {
      title: texts.status,
      cell: ({ status, needsReview }) => html`${statusChip(view, status)}${needsReview ? html` ${chip(texts.needsReview, 'bad')}` : ''}`,
    },
    { title: texts.issuer, cell: ({ issuer }) => issuer },
    { title: texts.paidAt, cell: ({ paidAt }) => paidAt && time(view, paidAt) },
    { title: texts.paymentId, cell: ({ id }) => html`<code>${id}</code>` },
  ];
  return shell(view, {
    title: texts.payments,
    lead: query.q === '' ? '' : fillIn(texts.foundFor, { text: query.q }),
    place: '/payments',
    search: query.q,
    body: html`${unavailable.length > 0 ? html`<p class="notice" data-state="bad">${texts.databaseSilent} ${unavailable.join(', ')}</p>` : ''}${filters(view, query)}
<section class="card">${table(texts.payments, columns, rows, texts.noPayments)}${pager(view, query, next)}</section>`,
  });
}

function filters(view: View, query: PaymentQuery): Html {
  const { texts, href } = view;
  const field = (name: keyof PaymentQuery, label: string, type = 'text') =>
    html`<label>${label} <input name="${name}" type="${type}" value="${query[name]}" maxlength="64"></label>`;
  const options = paymentStatuses.map(
    (each) => html`<option value="${each}"${each === query.status ? html` selected` : ''}>${texts[`status_${each}`]}</option>`,
  );
  return html`<form class="card filters" method="get" action="${href('/payments')}" aria-label="${texts.filters}">
${query.q === '' ? nothing : html`<input type="hidden" name="q" value="${query.q}">`}
<label>${texts.status} <select name="status"><option value="">${texts.all}</option>${options}</select></label>
${field('store', texts.store)}${field('amount', texts.amount)}${field('issuer', texts.issuer)}${field('from', texts.fromDay, 'date')}${field('to', texts.toDay, 'date')}
<button class="primary">${texts.filter}</button>
</form>`;
}

function pager({ texts, href }: View, query: PaymentQuery, next: string | null): Html {
  const link = (after: string, text: string) =>
    html`<a class="button" href="${href(`/payments?${new URLSearchParams({ ...query, after })}`)}">${text}</a>`;
  return html`<p class="actions">${query.after === '' ? nothing : link('', texts.newest)}${next ? link(next, texts.older) : nothing}</p>`;
}
