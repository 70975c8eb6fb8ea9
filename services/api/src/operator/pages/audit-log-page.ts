import type { auditLog, consoleLists } from '@gateway/shared/store';
import type { Request } from 'express';
import { type Html, html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { type Column, card, nothing, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import { momentOf, zoneName } from '../layout/time-zones.ts';
import type { View } from '../layout/view.ts';
import { nameOfAction } from '../texts/audit-actions.ts';
import { fillIn } from '../texts/texts.ts';

/** What is entered in the filters of the page, and what it asks the databases for. */
export interface AuditPageQuery {
  from: string;
  actor: string;
  about: string;
  rows: consoleLists.AuditQuery;
}

export function auditQueryOf({ timeZone }: View, { query }: Request): AuditPageQuery {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name].trim().slice(0, 100) : '');
  const [from, actor, about] = [text('from'), text('actor'), text('about')];
  const before = new Date(text('before'));
  const rows = { since: momentOf(from, timeZone), before: Number.isNaN(before.getTime()) ? null : before, actor, about };
  return { from, actor, about, rows };
}

/** Who did what, when and why, newest first. */
export function auditLogPage(
  view: View,
  query: AuditPageQuery,
  { rows, hasMore }: { rows: readonly auditLog.AuditRow[]; hasMore: boolean },
): string {
  const { texts, href } = view;
  const columns: Column<auditLog.AuditRow>[] = [
    { title: texts.time, cell: ({ at }) => time(view, at) },
    { title: texts.by, cell: ({ actor }) => html`<b>${actor}</b>` },
    { title: texts.action, cell: ({ action }) => nameOfAction(action, view.lang) },
    { title: texts.about, cell: ({ subject }) => html`<code>${subject}</code>` },
    { title: texts.reason, cell: ({ details: { reason } }) => (typeof reason === 'string' ? reason : null) },
    {
      title: texts.details,
      cell: ({ details: { reason: _, ...others } }) => detailsOf(others),
    },
  ];
  const last = rows.at(-1);
  const older =
    hasMore && last
      ? html`<p class="actions"><a class="button" href="${href(`/actions?${new URLSearchParams({ from: query.from, actor: query.actor, about: query.about, before: last.at.toISOString() })}`)}">${texts.older}</a></p>`
      : nothing;
  return shell(view, {
    title: texts.auditLog,
    place: '/actions',
    body: html`<p class="actions">${actionLink(view, 'actions verify')}${actionLink(view, 'audit')}</p>${filters(view, query)}${card(texts.auditLog, html`${table(texts.auditLog, columns, rows, texts.noActions)}${older}`, { lead: texts.auditLogLead })}`,
  });
}

function filters(view: View, { from, actor, about }: AuditPageQuery): Html {
  const { texts, href } = view;
  return html`<form class="card filters" method="get" action="${href('/actions')}" aria-label="${texts.filters}">
<label>${fillIn(texts.fromTime, { zone: zoneName(view.timeZone, view.now) })} <input name="from" type="datetime-local" value="${from}"></label>
<label>${texts.by} <input name="actor" value="${actor}" maxlength="100"></label><label>${texts.about} <input name="about" value="${about}" maxlength="100"></label>
<button class="primary">${texts.filter}</button>
</form>`;
}

const longestDetails = 300; // characters

/** What was changed: of a row before and after it, the fields that differ; otherwise everything that is stored. */
function detailsOf({ before, after, ...others }: Record<string, unknown>): Html | null {
  const changed = isRecord(after) ? changesBetween(isRecord(before) ? before : {}, after) : [];
  const further = Object.entries(others).map(([name, value]) => [name, shortOf(value)] as const);
  const lines = [...changed, ...further];
  return lines.length === 0 ? null : html`<ul class="changes">${lines.map(([name, text]) => html`<li><b>${name}</b> ${text}</li>`)}</ul>`;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const changesBetween = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  Object.entries(after).flatMap(([name, value]) =>
    shortOf(before[name]) === shortOf(value) ? [] : [[name, `${shortOf(before[name])} → ${shortOf(value)}`] as const],
  );

const shortOf = (value: unknown): string =>
  value === null || value === undefined ? '–' : (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, longestDetails);
