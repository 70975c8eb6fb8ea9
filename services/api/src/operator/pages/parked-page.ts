import { paymentIdPattern } from '@gateway/shared/runtime';
import type { parked } from '@gateway/shared/store';
import { type Html, html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { age, type Column, card, codeOf, paymentLink, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { withoutPersonal } from '../payment-page/hide-personal.ts';

type Row = parked.Parked;

/** Work that waits for a person: webhooks that were tried to the end, and writes that a host does not accept. */
export function parkedPage(view: View, rows: readonly Row[]): string {
  const { texts } = view;
  const nameOf = ({ host, id }: Row) => `${host}-${id}`;
  const replay = (row: Row) => actionLink(view, 'webhooks replay', { id: nameOf(row) }, texts.again);
  const retry = (row: Row) =>
    html`<span class="actions">${actionLink(view, 'host-writes retry', { id: nameOf(row) }, texts.again)}${actionLink(view, 'host-writes close', { id: nameOf(row) }, texts.close)}</span>`;
  const webhooks = rows.filter(({ kind }) => kind === 'webhook');
  const writes = rows.filter(({ kind }) => kind === 'host-write');
  return shell(view, {
    title: texts.parkedWork,
    place: '/parked',
    body: html`<p class="actions">${actionLink(view, 'webhooks replay', {}, texts.replaySince)}</p>
${card(texts.parkedWebhooks, table(texts.parkedWebhooks, columnsOf(view, replay), webhooks, texts.noParkedWebhooks), { lead: texts.parkedWebhooksLead })}
${card(texts.waitingHostWrites, table(texts.waitingHostWrites, columnsOf(view, retry), writes, texts.hostHasAll), { lead: texts.waitingHostWritesLead })}`,
  });
}

const columnsOf = (view: View, actions: (row: Row) => Html): Column<Row>[] => [
  {
    title: view.texts.since,
    cell: ({ since, host }) => html`${time(view, since, { of: { host } })}<br><span class="quiet nowrap">${age(view, since)}</span>`,
  },
  {
    title: view.texts.about,
    cell: ({ about }) =>
      paymentIdPattern.test(about)
        ? paymentLink(view, about, about)
        : html`<a href="${view.href(`/payments?q=${encodeURIComponent(about)}`)}"><code>${about}</code></a>`,
  },
  {
    title: view.texts.what,
    cell: ({ what }) =>
      what
        ?.split(' ')
        .map((word) => codeOf(view, word))
        .join(' ') ?? null,
  },
  {
    title: view.texts.reason,
    cell: ({ why }) => (why === null ? null : codeOf(view, String(withoutPersonal(why, 'reason')))),
  },
  { title: view.texts.tries, cell: ({ tries }) => tries, isNumber: true },
  { title: view.texts.nextTry, cell: ({ nextTryAt, host }) => time(view, nextTryAt, { of: { host } }) },
  { title: view.texts.action, cell: actions },
];
