import type { holds, storeSettings } from '@gateway/shared/store';
import type { Request } from 'express';
import { html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { type Column, card, chip, table } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';
import { paged } from './paged.ts';

type Row = storeSettings.StoreRow;

/** The stores, with what is set for each, and the holds on providers for one of them. */
export function storesPage(view: View, req: Request, all: readonly Row[], placed: readonly holds.HoldRow[]): string {
  const { texts, href } = view;
  const accountsOf = ({ accounts }: Row, separator: string, between: string) =>
    Object.entries(accounts)
      .map(([provider, account]) => provider + separator + account)
      .join(between);
  const { rows, finder, pager } = paged(view, req, {
    path: '/stores',
    rows: all,
    textOf: ({ storeId, name }) => `${storeId} ${name ?? ''}`,
  });
  const heldFor = (id: string) => placed.filter(({ storeId }) => storeId === id);
  const columns: Column<Row>[] = [
    {
      title: texts.store,
      cell: ({ storeId, name }) => html`<b>${storeId}</b>${name ? html`<br><span class="quiet">${name}</span>` : ''}`,
    },
    { title: texts.host, cell: ({ host }) => host ?? texts.noPaymentYet },
    {
      title: texts.providers,
      cell: ({ storeId, providers }) =>
        html`${providers?.join(', ') ?? texts.asInstalled}${heldFor(storeId).map(({ provider, account }) => html`<br>${chip(fillIn(texts.heldProvider, { name: account === '*' ? provider : `${provider}/${account}` }), 'wait')}`)}`,
    },
    { title: texts.accounts, cell: (row) => accountsOf(row, '/', ', ') || texts.defaultAccounts },
    { title: texts.lateMoney, cell: ({ lateMoney }) => texts[`late_${lateMoney}`] },
    { title: texts.timeZone, cell: ({ timezone }) => timezone },
    {
      title: texts.action,
      cell: (row) => {
        const present = {
          store: row.storeId,
          name: row.name ?? '',
          timezone: row.timezone ?? '',
          'late-money': row.lateMoney,
          providers: row.providers?.join(',') ?? '',
          accounts: accountsOf(row, '=', ','),
        };
        const payments = href(`/payments?store=${encodeURIComponent(row.storeId)}`);
        return html`<span class="actions"><a class="button" href="${payments}">${texts.payments}</a>${actionLink(view, 'stores set', present, texts.change)}${actionLink(view, 'hold', { store: row.storeId })}${heldFor(row.storeId).map((each) => actionLink(view, 'release', scopeOf(each), fillIn(texts.releaseProvider, { name: each.provider })))}</span>`;
      },
    },
  ];
  return shell(view, {
    title: texts.stores,
    place: '/stores',
    body: html`<p class="actions">${actionLink(view, 'stores set', {}, texts.addStore)}${actionLink(view, 'accounts add')}</p>${finder}
${card(texts.stores, html`${table(texts.stores, columns, rows, texts.noStores)}${pager}`, { lead: texts.storesLead })}`,
  });
}

/** The fields of the form that lifts exactly this hold. */
export const scopeOf = ({ provider, account, storeId }: holds.HoldRow): Record<string, string> => ({
  provider,
  ...(account === '*' ? {} : { account }),
  ...(storeId === '*' ? {} : { store: storeId }),
});
