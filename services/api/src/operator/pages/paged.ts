import type { Request } from 'express';
import { type Html, html } from '../../http/html.ts';
import { nothing } from '../layout/components.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';

const ofPage = 60; // rows with four buttons each: a page stays below 100 kB

/** A page of a long list, and how to find one of its rows. */
export interface Paged<Row> {
  rows: readonly Row[];
  /** Above the list: the search within it. Nothing where everything is on one page. */
  finder: Html;
  /** Below the list. */
  pager: Html;
}

/** The page of a list that the address asks for: `?find=bali&page=2`. @param textOf what a row is found by */
export function paged<Row>(
  view: View,
  { query }: Request,
  { path, rows, textOf }: { path: string; rows: readonly Row[]; textOf: (row: Row) => string },
): Paged<Row> {
  const { texts, href } = view;
  const find = typeof query.find === 'string' ? query.find.trim().slice(0, 64) : '';
  const asked = Number(query.page);
  const found = find ? rows.filter((row) => textOf(row).toLowerCase().includes(find.toLowerCase())) : rows;
  const pages = Math.max(1, Math.ceil(found.length / ofPage));
  const page = Number.isInteger(asked) ? Math.min(Math.max(1, asked), pages) : 1;
  const link = (to: number, text: string) =>
    html`<a class="button" href="${href(`${path}?${new URLSearchParams({ find, page: String(to) })}`)}">${text}</a>`;
  const finder = html`<form class="card filters" method="get" action="${href(path)}" role="search" aria-label="${texts.findInList}">
<label>${texts.findInList} <input name="find" value="${find}" maxlength="64" autocomplete="off"></label><button>${texts.search}</button>
</form>`;
  const pager = html`<p class="actions">${page > 1 ? link(page - 1, texts.pageBefore) : nothing}<span class="quiet">${fillIn(texts.pageOf, { page, pages, count: found.length })}</span>${page < pages ? link(page + 1, texts.pageAfter) : nothing}</p>`;
  const isLong = rows.length > ofPage;
  return {
    rows: found.slice((page - 1) * ofPage, page * ofPage),
    finder: isLong || find ? finder : nothing,
    pager: isLong || find ? pager : nothing,
  };
}
