import type { PaymentStatus } from '@gateway/shared/payment';
import type { operatorDiscrepancies } from '@gateway/shared/store';
import { html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { age, type Column, card, codeOf, money, paymentLink, recordOf, statusChip, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { whatToDo } from '../texts/what-to-do.ts';

/** Open discrepancies, oldest first, with what to do beside each. */
export function discrepanciesPage(view: View, all: readonly operatorDiscrepancies.OpenDiscrepancy[]): string {
  const { texts, lang } = view;
  const rows = [...all].sort((a, b) => a.openedAt.getTime() - b.openedAt.getTime());
  const columns: Column<operatorDiscrepancies.OpenDiscrepancy>[] = [
    {
      title: texts.since,
      cell: ({ openedAt, ...of }) => html`${time(view, openedAt, { of })}<br><span class="quiet nowrap">${age(view, openedAt)}</span>`,
    },
    {
      title: texts.payment,
      cell: ({ paymentId, orderNumber, storeId }) =>
        html`${paymentLink(view, paymentId, orderNumber)}<br><span class="quiet">${storeId}</span>`,
    },
    { title: texts.amount, cell: ({ amount }) => money(amount), isNumber: true },
    { title: texts.status, cell: ({ status }) => statusChip(view, status as PaymentStatus) },
    {
      title: texts.whatDiffers,
      cell: ({ reason, ours, theirs }) =>
        html`<b>${codeOf(view, reason)}</b><br><span class="quiet">${texts.ours}: ${recordOf(view, ours)} · ${texts.theirs}: ${recordOf(view, theirs)}</span>`,
    },
    { title: texts.whatToDo, cell: ({ reason }) => whatToDo(reason, lang) },
    { title: texts.action, cell: ({ host, id }) => actionLink(view, 'discrepancies close', { id: `${host}-${id}` }, texts.close) },
  ];
  return shell(view, {
    title: texts.discrepancies,
    place: '/discrepancies',
    body: card(texts.openDiscrepancies, table(texts.discrepancies, columns, rows, texts.noDiscrepancies), {
      lead: texts.discrepanciesPageLead,
    }),
  });
}
