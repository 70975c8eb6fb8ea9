import type { holds } from '@gateway/shared/store';
import type { Request } from 'express';
import { html } from '../../http/html.ts';
import { actionLink } from '../actions/action-page.ts';
import { type Column, card, chip, table, time } from '../layout/components.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import { stateOf } from '../overview/overview-page.ts';
import type { AccountHealth } from '../provider-health.ts';
import { paged } from './paged.ts';
import { scopeOf } from './stores-page.ts';

/** Provider accounts, and the holds on them. */
export function accountsPage(view: View, req: Request, all: readonly AccountHealth[], placed: readonly holds.HoldRow[]): string {
  const { texts } = view;
  const { rows, finder, pager } = paged(view, req, {
    path: '/accounts',
    rows: all,
    textOf: ({ provider, account }) => `${provider}/${account}`,
  });
  return shell(view, {
    title: texts.accounts,
    place: '/accounts',
    body: html`<p class="actions">${actionLink(view, 'hold')}${actionLink(view, 'accounts add')}</p>
${card(texts.holds, table(texts.holds, holdColumns(view), placed, texts.noHolds), { lead: texts.holdsLead })}
${finder}${card(texts.accounts, html`${table(texts.accounts, accountColumns(view), rows, texts.none)}${pager}`, { lead: texts.accountsLead })}`,
  });
}

const accountColumns = (view: View): Column<AccountHealth>[] => [
  { title: view.texts.account, cell: ({ provider, account }) => html`<b>${provider}</b> / ${account}` },
  { title: view.texts.mode, cell: ({ mode }) => chip(mode, mode === 'live' ? 'good' : 'quiet') },
  { title: view.texts.status, cell: (row) => stateOf(view, row) },
  {
    title: view.texts.action,
    cell: ({ provider, account, isDisabled }) => {
      const { texts } = view;
      const named = { account: `${provider}/${account}` };
      const [words, text] = isDisabled ? ['accounts enable', texts.enable] : ['accounts disable', texts.disable];
      return html`<span class="actions">${actionLink(view, 'accounts show', named, texts.show)}${actionLink(view, 'hold', { provider, account }, texts.hold)}${actionLink(view, 'accounts prove', named, texts.prove)}${actionLink(view, 'webhooks replay', named, texts.replay)}${actionLink(view, 'accounts rotate', named, texts.rotate)}${actionLink(view, words, named, text)}</span>`;
    },
  },
];

const holdColumns = (view: View): Column<holds.HoldRow>[] => {
  const allOr = (value: string): string => (value === '*' ? view.texts.all : value);
  return [
    { title: view.texts.since, cell: ({ heldAt, storeId }) => time(view, heldAt, { of: { storeId } }) },
    { title: view.texts.provider, cell: ({ provider }) => provider },
    { title: view.texts.account, cell: ({ account }) => allOr(account) },
    { title: view.texts.store, cell: ({ storeId }) => allOr(storeId) },
    { title: view.texts.by, cell: ({ heldBy }) => heldBy },
    { title: view.texts.reason, cell: ({ reason }) => reason },
    {
      title: view.texts.action,
      cell: (row) => {
        return actionLink(view, 'release', scopeOf(row));
      },
    },
  ];
};
