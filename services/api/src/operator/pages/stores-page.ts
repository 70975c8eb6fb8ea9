import type { storeSettings } from '@gateway/shared/store';
import { html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { type Column, card, table } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';

type Row = storeSettings.StoreRow;

/** The stores, with what is set for each. */
export function storesPage(view: View, rows: readonly Row[]): string {
  const { texts, href } = view;
  const accountsOf = ({ accounts }: Row, separator: string, between: string) =>
    Object.entries(accounts)
      .map(([provider, account]) => provider + separator + account)
      .join(between);
  const columns: Column<Row>[] = [
    {
      title: texts.store,
      cell: ({ storeId, name }) => html`<b>${storeId}</b>${name ? html`<br><span class="quiet">${name}</span>` : ''}`,
    },
    { title: texts.host, cell: ({ host }) => host ?? texts.noPaymentYet },
    { title: texts.providers, cell: ({ providers }) => providers?.join(', ') ?? texts.asInstalled },
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
        return html`<span class="actions"><a class="button" href="${payments}">${texts.payments}</a>${actionLink(view, 'stores set', present, texts.change)}</span>`;
      },
    },
  ];
  return shell(view, {
    title: texts.stores,
    place: '/stores',
    body: html`<p class="actions">${actionLink(view, 'stores set', {}, texts.addStore)}</p>
${card(texts.stores, table(texts.stores, columns, rows, texts.noStores), { lead: texts.storesLead })}`,
  });
}
