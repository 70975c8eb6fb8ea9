import { type Payment, type PaymentStatus, paymentStatuses } from '@gateway/shared/payment';
import { type Html, html } from '../../http/html.ts';
import { type Column, chip, duration, money, nothing, paymentLink, statusChip, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import { zoneName } from '../layout/time-zones.ts';
import type { View } from '../layout/view.ts';
import { slowMs, waitedMs } from '../payment-page/why-it-waited.ts';
import { fillIn } from '../texts/texts.ts';

export const waitedSeconds = ['1', '3', '6'] as const;

/** The time zone of what is entered: of the store that is asked for, else of the installation. */
export const zoneOfQuery = (view: View, { store }: Pick<PaymentQuery, 'store'>): string => view.zoneOf({ storeId: store });

/** What the address of the list says. An empty text is no filter. */
export interface PaymentQuery {
  q: string;
  status: PaymentStatus | '';
  store: string;
  issuer: string;
  amount: string;
  /** Seconds that the till waited at least. */
  waited: (typeof waitedSeconds)[number] | '';
  /** As clocks of the store show it: `2026-03-02T10:00`. */
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
    { title: texts.time, cell: ({ createdAt, ...of }) => time(view, createdAt, { of }) },
    { title: texts.order, cell: ({ id, orderNumber }) => paymentLink(view, id, orderNumber) },
    { title: texts.store, cell: ({ storeId, host }) => html`${storeId} <span class="quiet">${host}</span>` },
    { title: texts.amount, cell: ({ amount }) => money(amount), isNumber: true },
    {
      title: texts.status,
      cell: ({ status, needsReview }) => html`${statusChip(view, status)}${needsReview ? html` ${chip(texts.needsReview, 'bad')}` : ''}`,
    },
    {
      title: texts.tillWaited,
      cell: (row) => {
        const ms = waitedMs(row);
        return ms === null ? null : ms >= slowMs ? chip(duration(view, ms), 'wait') : duration(view, ms);
      },
      isNumber: true,
    },
    { title: texts.issuer, cell: ({ issuer }) => issuer },
    { title: texts.paidAt, cell: ({ paidAt, ...of }) => paidAt && time(view, paidAt, { of }) },
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
  const zone = zoneName(zoneOfQuery(view, query), view.now);
  const field = (name: keyof PaymentQuery, label: string, more: Html = nothing) =>
    html`<label>${label} <input name="${name}" value="${query[name]}" maxlength="64"${more}></label>`;
  const time = (name: 'from' | 'to', label: string) =>
    html`<label>${fillIn(label, { zone })} <input name="${name}" type="datetime-local" value="${query[name]}"></label>`;
  const statuses = paymentStatuses.map(
    (each) => html`<option value="${each}"${each === query.status ? html` selected` : ''}>${texts[`status_${each}`]}</option>`,
  );
  return html`<form class="card filters" method="get" action="${href('/payments')}" aria-label="${texts.filters}">
${query.q === '' ? nothing : html`<input type="hidden" name="q" value="${query.q}">`}
<label>${texts.status} <select name="status"><option value="">${texts.all}</option>${statuses}</select></label>
${field('store', texts.store)}${field('amount', texts.amount, html` inputmode="numeric"`)}${field('issuer', texts.issuer)}${time('from', texts.fromTime)}${time('to', texts.toTime)}
<label>${texts.waitedAtLeast} <select name="waited"><option value="">–</option>${waitedSeconds.map((each) => html`<option value="${each}"${each === query.waited ? html` selected` : ''}>${fillIn(texts.seconds, { n: each })}</option>`)}</select></label>
<button class="primary">${texts.filter}</button>
<p class="filters-note">${texts.timesOfIssuer}</p>
</form>`;
}

function pager({ texts, href }: View, query: PaymentQuery, next: string | null): Html {
  const link = (after: string, text: string) =>
    html`<a class="button" href="${href(`/payments?${new URLSearchParams({ ...query, after })}`)}">${text}</a>`;
  return html`<p class="actions">${query.after === '' ? nothing : link('', texts.newest)}${next ? link(next, texts.older) : nothing}</p>`;
}
