import { type Html, html } from '@gateway/api';
import type { Language, Texts } from './text/texts.ts';

/** What a page is written with. */
export interface PageContext {
  texts: Texts;
  lang: Language;
  /** Where its files are: `/pages/{version}`. */
  assets: string;
  simulatorUrl: string;
}

export interface Page {
  name: 'front' | 'cashier' | 'kitchen' | 'phone';
  /** Browser modules: the first is run, the others are what it needs, fetched beside it and not after it. */
  scripts: readonly string[];
  main: (context: PageContext) => Html;
}

/** The whole document. Nothing in it is script or style: its policy allows neither. */
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
${['theme', 'screen', name].map((sheet) => html`<link rel="stylesheet" href="${assets}/browser/${sheet}.css">\n`)}
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

/** The store, and how well the page hears from it. */
const screenBar = (context: PageContext, name: Exclude<Page['name'], 'front'>): Html => html`<header class="bar">
<a class="brand" href="/?lang=${context.lang}">${icon(context)}<span>${context.texts.product}</span></a>
<h1>${context.texts[name]}</h1>
<label class="store"><span>${context.texts.store}</span><select id="store"></select></label>
<p id="state" class="pill" role="status" data-state="catching up">${context.texts.loading}</p>
${languageLink(context)}
</header>`;
