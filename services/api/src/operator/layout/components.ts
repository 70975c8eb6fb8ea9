import { codeWords, type Words } from '@gateway/operations';
import type { PaymentStatus } from '@gateway/shared/payment';
import { type Html, html } from '../../http/html.ts';
import { fillIn } from '../texts/texts.ts';
import { formatOf, zoneName } from './time-zones.ts';
import type { Place, View } from './view.ts';

/** The colour of a fact: `good` is as it should be, `wait` needs a look, `bad` needs a person now, `quiet` is over. */
export type State = 'good' | 'wait' | 'bad' | 'quiet';

export const nothing: Html = html``;

/** `Rp55.000`: as a receipt shows it, in both languages. */
export const money = (amount: number): string => `Rp${amount.toLocaleString('id-ID')}`;

/** What one of two records says: a number of rupiah as an amount, a code in words. */
export const recordOf = (view: View, text: string | null): string =>
  text === null ? '–' : /^\d{1,12}$/.test(text) ? money(Number(text)) : /^[a-z_]+$/.test(text) ? codeOf(view, text) : text;

/** A number with the separators of the language. */
export const count = ({ lang }: View, value: number): string => value.toLocaleString(lang === 'id' ? 'id-ID' : 'en-GB');

export const chip = (text: string, state: State): Html => html`<span class="chip" data-state="${state}">${text}</span>`;

const stateOfStatus: Readonly<Record<PaymentStatus, State>> = {
  created: 'wait',
  pending: 'wait',
  paid: 'good',
  expired: 'quiet',
  cancelled: 'quiet',
  failed: 'bad',
  partially_refunded: 'quiet',
  refunded: 'quiet',
};

export const statusChip = ({ texts }: View, status: PaymentStatus): Html => chip(texts[`status_${status}`], stateOfStatus[status]);

/** A titled part of a page. */
export const card = (title: string, body: Html, { lead = '', id }: { lead?: string; id?: string } = {}): Html =>
  html`<section class="card"${id ? html` id="${id}"` : ''}><h2>${title}</h2>
${lead ? html`<p class="quiet">${lead}</p>` : ''}${body}
</section>`;

type Cell = Html | string | number | null;

export interface Column<Row> {
  title: string;
  cell: (row: Row) => Cell;
  isNumber?: boolean;
}

/** A table that scrolls in its own frame on a narrow screen. @param name for screen readers */
export function table<Row>(name: string, columns: readonly Column<Row>[], rows: readonly Row[], empty: string): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0"><table>
<thead><tr>${columns.map(({ title, isNumber }) => html`<th scope="col"${isNumber ? html` class="number"` : ''}>${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map(({ cell, isNumber }) => html`<td${isNumber ? html` class="number"` : ''}>${cell(row) ?? '–'}</td>`)}</tr>\n`)}</tbody>
</table></div>`;
}

/** Names with values; a value that is null is left out. */
export const facts = (pairs: readonly (readonly [string, Cell])[]): Html =>
  html`<dl class="facts">${pairs.map(([name, value]) => (value === null || value === '' ? nothing : html`<dt>${name}</dt><dd>${value}</dd>`))}</dl>`;

export interface Tile {
  label: string;
  value: string;
  note?: string;
  state?: State | undefined;
  href?: string;
}

export const tiles = (all: readonly Tile[]): Html =>
  html`<div class="tiles">${all.map(({ label, value, note = '', state = 'good', href }) => {
    const content = html`<span>${label}</span><strong>${value}</strong><small>${note}</small>`;
    return href
      ? html`<a class="tile" data-state="${state}" href="${href}">${content}</a>\n`
      : html`<div class="tile" data-state="${state}">${content}</div>\n`;
  })}</div>`;

/**
 * A time as the clocks of a store or host show it, with the name of their zone; the day where it is not today. The exact time in UTC is its title.
 * @param options.of where it happened; default: the place of the page
 */
export function time(view: View, at: Date | null, { withMs = false, of }: { withMs?: boolean; of?: Place } = {}): Html {
  if (!at) return html`–`;
  const zone = of ? view.zoneOf(of) : view.timeZone;
  const day = dayOf(view, at, zone);
  const clock = clockOf(at, zone) + (withMs ? `.${String(at.getMilliseconds()).padStart(3, '0')}` : '');
  const text = day === dayOf(view, view.now, zone) ? clock : `${day}, ${clock}`;
  return html`<time datetime="${at.toISOString()}" title="${at.toISOString()}">${text} <small>${zoneName(zone, at)}</small></time>`;
}

const utcPattern = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/** A text in the language of the page; the command line's times, which are in UTC, become those of the page. */
export const wordsOf = (view: View, words: Words): string =>
  words[view.lang].replace(utcPattern, (utc) => {
    const at = new Date(utc);
    return `${dayOf(view, at, view.timeZone)}, ${clockOf(at, view.timeZone)} ${zoneName(view.timeZone, at)}`;
  });

/** A code for people: in English its words, in Indonesian its name there. */
export const codeOf = ({ lang }: View, code: string): string => (lang === 'id' ? codeWords(code).id : code.replaceAll('_', ' '));

const localeOf = ({ lang }: View): string => (lang === 'id' ? 'id-ID' : 'en-GB');

const dayOf = (view: View, at: Date, timeZone: string): string =>
  formatOf(localeOf(view), { timeZone, day: 'numeric', month: 'short', year: 'numeric' }).format(at);

/** `10:02:11` */
export const clockOf = (at: Date, timeZone: string): string =>
  formatOf('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at);

/** A duration with two digits that matter: `212 ms`, `3.2 s`, `4 min`, `2 h`, `3 d`. */
export function duration({ texts }: View, ms: number): string {
  const value = Math.max(0, ms);
  if (value < 1_000) return fillIn(texts.milliseconds, { n: Math.round(value) });
  if (value < 60_000) return fillIn(texts.seconds, { n: value < 10_000 ? (value / 1_000).toFixed(1) : Math.round(value / 1_000) });
  if (value < 3_600_000) return fillIn(texts.minutes, { n: Math.round(value / 60_000) });
  if (value < 48 * 3_600_000) return fillIn(texts.hours, { n: Math.round(value / 3_600_000) });
  return fillIn(texts.days, { n: Math.round(value / 86_400_000) });
}

/** How long ago: `4 min`. */
export const age = (view: View, at: Date): string => duration(view, view.now.getTime() - at.getTime());

export const paymentLink = ({ href }: View, id: string, text: string): Html =>
  html`<a class="nowrap" href="${href(`/payments/${id}`)}">${text}</a>`;
