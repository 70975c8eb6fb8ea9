import type { consoleLists } from '@gateway/shared/store';
import { html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { type Column, card, chip, money, paymentLink, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';

type Row = consoleLists.ListedRefund;

const stateOf = { pending: 'wait', succeeded: 'good', failed: 'bad' } as const;

/** Refunds: those that are not final, with what may be done, and the last ones. */
export function refundsPage(view: View, rows: readonly Row[]): string {
  const { texts } = view;
  const columns: Column<Row>[] = [
    { title: texts.time, cell: ({ createdAt }) => time(view, createdAt) },
    { title: texts.order, cell: ({ paymentId, orderNumber }) => paymentLink(view, paymentId, orderNumber) },
    { title: texts.store, cell: ({ storeId }) => storeId },
    { title: texts.amount, cell: ({ amount }) => money(amount), isNumber: true },
    { title: texts.status, cell: ({ status }) => chip(texts[`refund_${status}`], stateOf[status]) },
    { title: texts.cause, cell: ({ cause }) => texts[`cause_${cause}`] },
    { title: texts.provider, cell: ({ account }) => account },
    { title: texts.refundId, cell: ({ id }) => html`<code>${id}</code>` },
  ];
  const ofPending: Column<Row>[] = [
    ...columns,
    { title: texts.nextTry, cell: ({ nextTryAt }) => time(view, nextTryAt) },
    {
      title: texts.action,
      cell: ({ id }) =>
        html`<span class="actions">${actionLink(view, 'refunds found', { refund: id }, texts.found)}${actionLink(view, 'refunds again', { refund: id }, texts.again)}</span>`,
    },
  ];
  const ofFinal: Column<Row>[] = [...columns, { title: texts.failure, cell: ({ failure }) => failure?.replaceAll('_', ' ') ?? null }];
  const pending = rows.filter(({ status }) => status === 'pending');
  const final = rows.filter(({ status }) => status !== 'pending').slice(0, 100);
  return shell(view, {
    title: texts.refunds,
    place: '/refunds',
    body: html`${card(texts.refundsPending, table(texts.refundsPending, ofPending, pending, texts.noRefundsPending), { lead: texts.refundsPendingLead })}
${card(texts.refundsLast, table(texts.refundsLast, ofFinal, final, texts.none))}`,
  });
}
