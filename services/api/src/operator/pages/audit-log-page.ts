import type { auditLog } from '@gateway/shared/store';
import { html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { type Column, card, nothing, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';

/** Who did what, when and why, newest first. */
export function auditLogPage(view: View, rows: readonly auditLog.AuditRow[], hasMore: boolean): string {
  const { texts, href } = view;
  const columns: Column<auditLog.AuditRow>[] = [
    { title: texts.time, cell: ({ at }) => time(view, at) },
    { title: texts.by, cell: ({ actor }) => html`<b>${actor}</b>` },
    { title: texts.action, cell: ({ action }) => action.replaceAll('-', ' ') },
    { title: texts.about, cell: ({ subject }) => html`<code>${subject}</code>` },
    { title: texts.reason, cell: ({ details: { reason } }) => (typeof reason === 'string' ? reason : null) },
    {
      title: texts.details,
      cell: ({ details: { reason: _, ...others } }) =>
        Object.keys(others).length > 0 ? html`<code>${JSON.stringify(others).slice(0, 300)}</code>` : null,
    },
  ];
  const last = rows.at(-1);
  const older =
    hasMore && last
      ? html`<p class="actions"><a class="button" href="${href(`/actions?before=${last.at.toISOString()}`)}">${texts.older}</a></p>`
      : nothing;
  return shell(view, {
    title: texts.auditLog,
    place: '/actions',
    body: html`<p class="actions">${actionLink(view, 'actions verify')}${actionLink(view, 'audit')}</p>${card(texts.auditLog, html`${table(texts.auditLog, columns, rows, texts.noActions)}${older}`, { lead: texts.auditLogLead })}`,
  });
}
