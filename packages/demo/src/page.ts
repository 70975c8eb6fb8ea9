import { type Html, html } from '@gateway/api';
import type { Texts } from './text/en.ts';
import type { Language } from './text/texts.ts';

/** What the templates of a page are filled with. */
export interface PageContext {
  texts: Texts;
  lang: Language;
  /** Base path of the files: `/pages/{version}`. */
  assets: string;
  simulatorUrl: string;
}

export interface Page {
  name: 'front' | 'cashier' | 'kitchen' | 'phone';
  /** Names of browser modules. The first is run; the others are its imports, preloaded so that the browser fetches all at once. */
  scripts: readonly string[];
  main: (context: PageContext) => Html;
}

/** Renders the whole document. It has no inline script or style, because the content security policy forbids both. */
export function renderPage(context: PageContext, { name, scripts, main }: Page): string {
  const { texts, lang, assets } = context;
  const title = name === 'front' ? texts.product : `${texts[name]} · ${texts.product}`;
  const [first, ...others] = scripts.map((script) => `${assets}/browser/${script}.ts`);
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${assets}/browser/icon.svg">
${['look', name].map((sheet) => html`<link rel="stylesheet" href="${assets}/browser/${sheet}.css">\n`)}
${first ? html`<script type="module" src="${first}"></script>\n<link rel="modulepreload" href="${assets}/text/${lang}.ts">` : ''}
${others.map((script) => html`<link rel="modulepreload" href="${script}">\n`)}</head>
<body class="${name}">
<a class="skip" href="#main">${texts.skip}</a>
${name === 'front' ? frontBar(context) : screenBar(context, name)}
${main(context)}
</body>
</html>
`.text;
}

const icon = ({ assets }: PageContext): Html => html`<img src="${assets}/browser/icon.svg" alt="" width="28" height="28">`;

const languageLink = ({ texts, lang }: PageContext): Html => {
  const other = lang === 'en' ? 'id' : 'en';
  return html`<a id="language" class="language" href="?lang=${other}" hreflang="${other}" lang="${other}">${texts.otherLanguage}</a>`;
};

const frontBar = (context: PageContext): Html => html`<header class="bar">
<p class="brand">${icon(context)}<span>${context.texts.product}</span></p>
${languageLink(context)}
</header>`;

/** The bar of a screen: the chosen store, and whether the screen is up to date (`#state`). */
const screenBar = (context: PageContext, name: Exclude<Page['name'], 'front'>): Html => html`<header class="bar">
<a class="brand" href="/?lang=${context.lang}">${icon(context)}<span>${context.texts.product}</span></a>
<h1>${context.texts[name]}</h1>
<label class="store"><span>${context.texts.store}</span><select id="store" aria-label="${context.texts.store}"></select></label>
<p id="state" class="pill" role="status" data-state="catching up">${context.texts.loading}</p>
${languageLink(context)}
</header>`;
