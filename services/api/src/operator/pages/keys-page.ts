import type { clients } from '@gateway/shared/store';
import type { Request } from 'express';
import { html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { type Column, card, chip, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { paged } from './paged.ts';

type Row = Awaited<ReturnType<typeof clients.list>>[number];

/** The keys of the tills and programs that may call the API. Their secrets are stored as hashes. */
export function keysPage(view: View, req: Request, all: readonly Row[]): string {
  const { texts } = view;
  const { rows, finder, pager } = paged(view, req, {
    path: '/keys',
    rows: all,
    textOf: ({ name, id, stores }) => `${name} ${id} ${stores?.join(' ') ?? ''}`,
  });
  const columns: Column<Row>[] = [
    { title: texts.name, cell: ({ name, id }) => html`<b>${name}</b><br><code>${id}</code>` },
    { title: texts.host, cell: ({ host, tenant }) => html`${host}<br><span class="quiet">${tenant}</span>` },
    { title: texts.stores, cell: ({ stores }) => stores?.join(', ') ?? texts.all },
    { title: texts.scopes, cell: ({ scopes }) => scopes.join(', ') },
    { title: texts.lastUsed, cell: ({ lastUsedOn }) => lastUsedOn },
    { title: texts.expires, cell: ({ expiresAt, host }) => expiresAt && time(view, expiresAt, { of: { host } }) },
    { title: texts.status, cell: ({ revokedAt }) => (revokedAt ? chip(texts.revoked, 'quiet') : chip(texts.valid, 'good')) },
    {
      title: texts.action,
      cell: ({ id, revokedAt }) =>
        revokedAt
          ? null
          : html`<span class="actions">${actionLink(view, 'keys rotate', { id }, texts.rotate)}${actionLink(view, 'keys revoke', { id }, texts.revoke)}</span>`,
    },
  ];
  return shell(view, {
    title: texts.keys,
    place: '/keys',
    body: html`<p class="actions">${actionLink(view, 'keys create')}${actionLink(view, 'keys operator')}</p>${finder}
${card(texts.keys, html`${table(texts.keys, columns, rows, texts.none)}${pager}`, { lead: texts.keysLead })}`,
  });
}
