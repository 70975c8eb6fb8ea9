import type { settings } from '@gateway/shared/store';
import { type Html, html } from '../http/html.ts';
import type { AccountHealth } from './provider-health.ts';

export interface OperatorView {
  name: string;
  /** Whether the page offers to place and lift holds. */
  mayAct: boolean;
  accounts: readonly AccountHealth[];
  /** Null: the control database was not read yet. */
  holds: readonly settings.Hold[] | null;
}

/** The page `/operator`: the state of each provider account, the holds, and links. It has no script. */
export function operatorPage({ name, mayAct, accounts, holds }: OperatorView): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>QRIS payment gateway: operator</title>
<link rel="stylesheet" href="/operator/page.css">
</head>
<body>
<header><h1>QRIS payment gateway</h1><p>${name}${mayAct ? '' : ', read-only'}</p></header>
<nav><a href="/operator/queues">Queues</a><a href="/docs">API</a><a href="/health/ready">Readiness</a></nav>
<h2>Providers</h2>
<table>
<thead><tr><th>Account</th><th>Mode</th><th>Create calls</th><th>Other calls</th><th></th></tr></thead>
<tbody>${accounts.map((account) => accountRow(account, mayAct))}</tbody>
</table>
<h2>Holds</h2>
${holdsTable(holds, mayAct)}
<footer>Keys, discrepancies, parked work: <code>npm run keys</code> and <code>npm run ops</code>. Metrics are explained in docs/runbook.md.</footer>
</body>
</html>
`.text;
}

function accountRow({ provider, account, mode, create, other }: AccountHealth, mayAct: boolean): Html {
  return html`<tr><td>${provider} / ${account}</td><td>${mode}</td><td>${create}</td><td>${other}</td><td>${
    mayAct ? actionForm('hold', { provider, account, storeId: '*' }, 'Hold') : ''
  }</td></tr>
`;
}

function holdsTable(holds: readonly settings.Hold[] | null, mayAct: boolean): Html {
  if (!holds) return html`<p>Not loaded yet.</p>`;
  if (holds.length === 0) return html`<p>No holds.</p>`;
  return html`<table>
<thead><tr><th>Provider</th><th>Account</th><th>Store</th><th>Since</th><th></th></tr></thead>
<tbody>${holds.map(
    (
      hold,
    ) => html`<tr><td>${hold.provider}</td><td>${allOr(hold.account)}</td><td>${allOr(hold.storeId)}</td><td>${hold.heldAt.toISOString()}</td><td>${
      mayAct ? actionForm('release', hold, 'Release') : ''
    }</td></tr>
`,
  )}</tbody>
</table>`;
}

const allOr = (value: string): string => (value === '*' ? 'all' : value);

function actionForm(action: 'hold' | 'release', { provider, account, storeId }: Omit<settings.Hold, 'heldAt'>, label: string): Html {
  return html`<form method="post" action="/operator/${action}"><input type="hidden" name="provider" value="${provider}"><input type="hidden" name="account" value="${account}"><input type="hidden" name="store_id" value="${storeId}"><button>${label}</button></form>`;
}

export const operatorStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
header { display: flex; justify-content: space-between; align-items: baseline; }
nav a { margin-right: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid #8886; }
form { margin: 0; }
footer { margin-top: 3rem; color: #888; }
`;
