import { type Cell, type Field, type Verb, type VerbResult, verbOf, type Words } from '@gateway/operations';
import { operatorRoles, roleIncludes } from '@gateway/shared/runtime';
import { type Html, html } from '../../http/html.ts';
import { card, codeOf, nothing, table, time, wordsOf } from '../layout/components.ts';
import { type Place, shell } from '../layout/shell.ts';
import { zoneName } from '../layout/time-zones.ts';
import type { View } from '../layout/view.ts';
import { fillIn } from '../texts/texts.ts';

/** The address of a verb's page below `/operator`: `/actions/discrepancies-close`. */
export const actionPath = (words: string): string => `/actions/${words.replaceAll(' ', '-')}`;

interface FormState {
  /** What is in the fields, by their names. */
  input: Readonly<Record<string, string>>;
  /** What is wrong with it. */
  message: string | null;
}

const placeOf: Readonly<Record<Verb['group'], Place>> = {
  holds: '/accounts',
  webhooks: '/parked',
  discrepancies: '/discrepancies',
  parked: '/parked',
  'host-writes': '/parked',
  refunds: '/refunds',
  payments: '/payments',
  stores: '/stores',
  accounts: '/accounts',
  keys: '/keys',
  audit: '/actions',
  actions: '/actions',
};

/** The page with the form of one verb. */
export function actionPage(view: View, verb: Verb, state: FormState): string {
  const { texts, lang } = view;
  const mayUse = roleIncludes(view.operator.role, verb.role);
  const body = mayUse
    ? html`${state.message ? html`<p class="notice" data-state="bad" role="alert">${state.message}</p>` : ''}${verbForm(view, verb, state.input)}`
    : html`<p class="notice" data-state="wait">${fillIn(texts.needsRole, { role: texts[verb.role], yours: texts[view.operator.role] })}</p>`;
  return shell(view, {
    title: verb.title[lang],
    place: placeOf[verb.group],
    body: html`<section class="card"><p class="description">${forPage(view, verb, verb.description)}</p>${body}</section>`,
  });
}

/** The form of a verb. @param input what is filled in already; a field with a fixed value is hidden when `isFixed` names it */
export function verbForm(
  view: View,
  verb: Verb,
  input: Readonly<Record<string, string>>,
  { fixed = [] as readonly string[], submit = '' } = {},
): Html {
  const { texts, href, csrf, lang, path } = view;
  const back = input.back ?? (path.startsWith('/actions/') ? '' : path);
  return html`<form class="form" method="post" action="${href(actionPath(verb.words))}">
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="back" value="${back}">
${Object.entries(verb.fields).map(([name, field]) => (fixed.includes(name) ? html`<input type="hidden" name="${name}" value="${input[name] ?? ''}">` : fieldOf(view, name, field, input[name] ?? '')))}
${verb.reason === 'none' ? nothing : html`<label>${texts.reason} <input name="reason" value="${input.reason ?? ''}" maxlength="500" required autocomplete="off"></label>`}
<button class="primary">${submit || verb.title[lang]}</button>
</form>`;
}

function fieldOf(view: View, name: string, { kind, label, isRequired, options, placeholder }: Field, value: string): Html {
  const { lang, texts } = view;
  const required = isRequired ? html` required` : '';
  const hint = kind === 'list' ? html`<small class="help">${texts.severalWithCommas}</small>` : '';
  if (kind === 'checkbox')
    return html`<label class="check"><input type="checkbox" name="${name}"${value ? html` checked` : ''}> ${label[lang]}</label>`;
  if (kind === 'select')
    return html`<label>${label[lang]} <select name="${name}"${required}>${isRequired ? '' : html`<option value="">–</option>`}${(options ?? []).map((each) => html`<option value="${each}"${each === value ? html` selected` : ''}>${optionText(view, each)}</option>`)}</select></label>`;
  if (kind === 'secret')
    return html`<label>${label[lang]} <textarea name="${name}" rows="4" placeholder="{&quot;server_key&quot;: &quot;…&quot;}" autocomplete="off" spellcheck="false"${required}></textarea><small class="help">${texts.secretHint}</small></label>`;
  if (kind === 'time')
    return html`<label>${label[lang]} (${zoneName(view.timeZone, view.now)}) <input name="${name}" type="datetime-local" value="${value}"${required}></label>`;
  const type = kind === 'number' ? html` inputmode="numeric" pattern="[0-9]*"` : '';
  return html`<label>${label[lang]} <input name="${name}" value="${value}" placeholder="${exampleOf(placeholder)}"${type} maxlength="500" autocomplete="off"${required}>${hint}</label>`;
}

/** A value to choose, in words. */
const optionText = (view: View, value: string): string => {
  const role = operatorRoles.find((each) => each === value);
  return role ? view.texts[role] : codeOf(view, value);
};

/** Placeholders of the command line name what is entered; a page shows those that are examples. */
const exampleOf = (placeholder: string): string =>
  placeholder === 'provider>/<id' ? 'midtrans/jkt' : /[=,\d]/.test(placeholder) ? placeholder : '';

/** The page with what a verb answered. */
export function resultPage(view: View, verb: Verb, { content, next = [], notes = [], errors = [] }: VerbResult): string {
  const { texts, lang } = view;
  const parts = content.map((part) =>
    'rows' in part
      ? table(
          verb.title[lang],
          part.columns.map((title, index) => ({ title: title[lang], cell: (row: readonly Cell[]) => cellOf(view, row[index]) })),
          part.rows,
          part.empty[lang],
        )
      : html`<pre>${wordsOf(view, part)}</pre>`,
  );
  const nextLinks =
    next.length > 0 ? html`<p class="actions">${next.map(({ words, input }) => actionLink(view, words, input))}</p>` : nothing;
  const remarks = [...errors.map((text) => ({ text, state: 'bad' })), ...notes.map((text) => ({ text, state: 'wait' }))];
  const body = html`${remarks.map(({ text, state }) => html`<p class="notice" data-state="${state}">${forPage(view, verb, text)}</p>`)}${card(texts.result, html`${parts}${nextLinks}`, { lead: forPage(view, verb, verb.description) })}`;
  return shell(view, { title: verb.title[lang], place: placeOf[verb.group], body });
}

const cellOf = (view: View, cell: Cell | undefined): Html | string | null =>
  cell === undefined ? null : cell instanceof Date ? time(view, cell) : typeof cell === 'string' ? cell : wordsOf(view, cell);

/** Options of the command line have the labels of their fields on a page. */
export const forPage = (view: View, { fields }: Verb, words: Words): string =>
  wordsOf(view, words).replace(/--([a-z]+(?:-[a-z]+)*)/g, (option, name: string) =>
    name === 'reason' ? view.texts.reason : fields[name] ? `“${fields[name].label[view.lang]}”` : option,
  );

/** A link to the form of a verb, with fields filled in. Nothing when the role of the person does not reach. */
export function actionLink(view: View, words: string, input: Readonly<Record<string, string>> = {}, text = ''): Html {
  const { href, lang, operator, path } = view;
  const verb = verbOf(words);
  if (!verb || !roleIncludes(operator.role, verb.role)) return nothing;
  const query = new URLSearchParams({ ...input, back: path });
  return html`<a class="button" href="${href(`${actionPath(words)}?${query}`)}">${text || verb.title[lang]}</a>`;
}
