import type { settings } from '@gateway/shared/store';
import { type Html, html } from '../../http/html.ts';
import { shell } from '../layout/shell.ts';
import type { View } from '../layout/view.ts';
import type { AccountHealth } from '../provider-health.ts';

export interface Overview {
  accounts: readonly AccountHealth[];
  /** Null: the control database was not read yet. */
  holds: readonly settings.Hold[] | null;
  mayAct: boolean;
}

export const overviewPage = (view: View, overview: Overview): string =>
  shell(view, { title: view.texts.overview, place: '/', body: html`${providers(view, overview)}${holds(view, overview)}` });

const providers = (view: View, { accounts, mayAct }: Overview): Html => html`<section class="card">
<h2>Providers</h2>
<table>
<thead><tr><th>Account</th><th>Mode</th><th>Create calls</th><th>Other calls</th><th></th></tr></thead>
<tbody>${accounts.map(
  ({ provider, account, mode, create, other }) =>
    html`<tr><td>${provider} / ${account}</td><td>${mode}</td><td>${create}</td><td>${other}</td><td>${mayAct ? actionForm(view, 'hold', { provider, account, storeId: '*' }, 'Hold') : ''}</td></tr>\n`,
)}</tbody>
</table>
</section>`;

function holds(view: View, { holds: all, mayAct }: Overview): Html {
  if (!all) return html`<p>Not loaded yet.</p>`;
  if (all.length === 0) return html`<p>No holds.</p>`;
  return html`<section class="card"><table>
<thead><tr><th>Provider</th><th>Account</th><th>Store</th><th>Since</th><th></th></tr></thead>
<tbody>${all.map(
    (hold) =>
      html`<tr><td>${hold.provider}</td><td>${allOr(hold.account)}</td><td>${allOr(hold.storeId)}</td><td>${hold.heldAt.toISOString()}</td><td>${mayAct ? actionForm(view, 'release', hold, 'Release') : ''}</td></tr>\n`,
  )}</tbody>
</table></section>`;
}

const allOr = (value: string): string => (value === '*' ? 'all' : value);

const actionForm = (
  { href, csrf }: View,
  action: 'hold' | 'release',
  { provider, account, storeId }: Omit<settings.Hold, 'heldAt'>,
  label: string,
): Html =>
  html`<form method="post" action="${href(`/${action}`)}"><input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="provider" value="${provider}"><input type="hidden" name="account" value="${account}"><input type="hidden" name="store_id" value="${storeId}"><button>${label}</button></form>`;
