import { verbOf } from '@gateway/operations';
import { personOf, roleIncludes } from '@gateway/shared/runtime';
import type { consoleLists, refundApprovals } from '@gateway/shared/store';
import { type Html, html } from '../../http/html.ts';
import { actionLink, verbForm } from '../actions/action-page.ts';
import { type Column, card, chip, codeOf, money, paymentLink, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';

type Row = consoleLists.ListedRefund;

const stateOf = { pending: 'wait', succeeded: 'good', failed: 'bad' } as const;

/** Refunds: those that wait for a second person, those that are not final, and the last ones. */
export function refundsPage(view: View, rows: readonly Row[], waiting: readonly refundApprovals.WaitingRefund[]): string {
  const { texts } = view;
  const columns: Column<Row>[] = [
    { title: texts.time, cell: ({ createdAt, ...of }) => time(view, createdAt, { of }) },
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
    { title: texts.nextTry, cell: ({ nextTryAt, ...of }) => time(view, nextTryAt, { of }) },
    {
      title: texts.action,
      cell: ({ id }) =>
        html`<span class="actions">${actionLink(view, 'refunds found', { refund: id }, texts.found)}${actionLink(view, 'refunds again', { refund: id }, texts.again)}</span>`,
    },
  ];
  const ofFinal: Column<Row>[] = [...columns, { title: texts.failure, cell: ({ failure }) => failure && codeOf(view, failure) }];
  const isWaiting = new Set(waiting.map(({ id }) => id));
  const pending = rows.filter(({ id, status }) => status === 'pending' && !isWaiting.has(id));
  const final = rows.filter(({ status }) => status !== 'pending').slice(0, 100);
  return shell(view, {
    title: texts.refunds,
    place: '/refunds',
    body: html`${approvals(view, waiting)}
${card(texts.refundsPending, table(texts.refundsPending, ofPending, pending, texts.noRefundsPending), { lead: texts.refundsPendingLead })}
${card(texts.refundsLast, table(texts.refundsLast, ofFinal, final, texts.none))}`,
  });
}

function approvals(view: View, waiting: readonly refundApprovals.WaitingRefund[]): Html {
  const { texts } = view;
  const columns: Column<refundApprovals.WaitingRefund>[] = [
    { title: texts.since, cell: ({ requestedAt, ...of }) => time(view, requestedAt, { of }) },
    { title: texts.order, cell: ({ paymentId, orderNumber }) => paymentLink(view, paymentId, orderNumber) },
    { title: texts.store, cell: ({ storeId }) => storeId },
    { title: texts.amount, cell: ({ amount }) => html`<b>${money(amount)}</b>`, isNumber: true },
    { title: texts.askedBy, cell: ({ requestedBy }) => requestedBy },
    { title: texts.reason, cell: ({ reason }) => reason },
    { title: texts.action, cell: (row) => decision(view, row) },
  ];
  return card(texts.approvals, table(texts.approvals, columns, waiting, texts.noApprovals), { lead: texts.approvalsLead });
}

/** What this person may decide about a waiting refund. */
function decision(view: View, { id, requestedBy }: refundApprovals.WaitingRefund): Html {
  const { texts, operator } = view;
  const isOwn = personOf(requestedBy) === personOf(operator.name);
  const approve = verbOf('refunds approve');
  if (isOwn) return html`<p class="quiet">${texts.yourOwn}</p>${actionLink(view, 'refunds withdraw', { refund: id })}`;
  if (!approve || !roleIncludes(operator.role, approve.role))
    return html`<span class="quiet">${fillIn(texts.needsRole, { role: texts.approver, yours: texts[operator.role] })}</span>`;
  return html`${verbForm(view, approve, { refund: id }, { fixed: ['refund'] })}${actionLink(view, 'refunds refuse', { refund: id })}`;
}
