import { type Html, html } from '../../http/html.ts';
import type { Texts } from '../texts/texts.ts';
import { brand, documentOf, languageLink } from './document.ts';
import { roleName, type View } from './view.ts';

/** The places of the console, in the order of the menu. */
const places = [
  { path: '/', text: 'overview' },
  { path: '/payments', text: 'payments' },
  { path: '/refunds', text: 'refunds' },
  { path: '/discrepancies', text: 'discrepancies' },
  { path: '/parked', text: 'parkedWork' },
  { path: '/stores', text: 'stores' },
  { path: '/accounts', text: 'accounts' },
  { path: '/keys', text: 'keys' },
  { path: '/webhooks', text: 'webhooks' },
  { path: '/actions', text: 'auditLog' },
  { path: '/queues', text: 'queues' },
] as const satisfies readonly { path: string; text: keyof Texts }[];

export type Place = (typeof places)[number]['path'];

export interface PageParts {
  title: string;
  /** Beside the title. */
  lead?: Html | string;
  /** The entry of the menu to which the page belongs. */
  place: Place | null;
  body: Html;
  modules?: readonly string[];
  /** What is in the search box. */
  search?: string;
}

/** A page of the console: bar, menu, and its own content. */
export function shell(view: View, { title, lead = '', place, body, modules = [], search = '' }: PageParts): string {
  return documentOf(view, {
    title,
    bar: html`${brand(view)}
${searchBox(view, search)}
<div class="person">${personOf(view)}</div>`,
    modules,
    content: html`<div class="frame">
<nav class="side" aria-label="${view.texts.menu}"><ul>
${places.map(({ path, text }) => html`<li><a href="${view.href(path)}"${path === place ? html` aria-current="page"` : ''}>${view.texts[text]}</a></li>\n`)}</ul></nav>
<main id="main">
<div class="page-head"><h1>${title}</h1>${lead ? html`<p>${lead}</p>` : ''}</div>
${noticeOf(view)}${body}
</main>
</div>`,
  });
}

/** What the action that led to this page did. */
const noticeOf = ({ notice }: View): Html | '' =>
  notice ? html`<p class="notice" data-state="${notice.state}" role="status">${notice.text}</p>` : '';

const searchBox = (
  { href, texts }: View,
  value: string,
): Html => html`<form class="search" role="search" method="get" action="${href('/payments')}">
<label class="hidden-label" for="search">${texts.searchLabel}</label>
<input id="search" name="q" type="search" value="${value}" placeholder="${texts.searchHint}" maxlength="100" autocomplete="off">
<button>${texts.search}</button>
</form>`;

const personOf = (
  view: View,
): Html => html`<span>${view.operator.name}<span class="role"> · ${roleName(view.texts, view.operator.role)}</span></span>
${languageLink(view)}
<form method="post" action="${view.href('/log-out')}"><input type="hidden" name="csrf" value="${view.csrf}"><button>${view.texts.logOut}</button></form>`;
