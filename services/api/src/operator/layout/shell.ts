import { type Html, html } from '../../http/html.ts';
import type { Texts } from '../texts/texts.ts';
import { brand, documentOf, languageLink } from './document.ts';
import { roleName, type View } from './view.ts';

/** The places of the console, in the order of the menu. */
const places = [
  { path: '/', text: 'overview' },
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
}

/** A page of the console: bar, menu, and its own content. */
export function shell(view: View, { title, lead = '', place, body, modules = [] }: PageParts): string {
  return documentOf(view, {
    title,
    bar: html`${brand(view)}
<div class="person">${personOf(view)}</div>`,
    modules,
    content: html`<div class="frame">
<nav class="side" aria-label="${view.texts.menu}"><ul>
${places.map(({ path, text }) => html`<li><a href="${view.href(path)}"${path === place ? html` aria-current="page"` : ''}>${view.texts[text]}</a></li>\n`)}</ul></nav>
<main id="main">
<div class="page-head"><h1>${title}</h1>${lead ? html`<p>${lead}</p>` : ''}</div>
${body}
</main>
</div>`,
  });
}

const personOf = (view: View): Html => html`<span>${view.operator.name} · ${roleName(view.texts, view.operator.role)}</span>
${languageLink(view)}
<form method="post" action="${view.href('/log-out')}"><input type="hidden" name="csrf" value="${view.csrf}"><button>${view.texts.logOut}</button></form>`;
