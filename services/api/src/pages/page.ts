import { type Html, html } from '../operator/html.ts';
import type { Language, Words } from './words/words.ts';

/** What a page is written with. */
export interface Setting {
  say: Words;
  lang: Language;
  /** Where its files are: `/pages/{version}`. */
  assets: string;
  simulatorUrl: string;
}

export interface Page {
  name: 'front' | 'cashier' | 'kitchen' | 'phone';
  /** Browser modules: the first is run, the others are what it needs, fetched beside it and not after it. */
  scripts: readonly string[];
  main: (setting: Setting) => Html;
}

/** The whole document. Nothing in it is script or style: its policy allows neither. */
export function pageIn(setting: Setting, { name, scripts, main }: Page): string {
  const { say, lang, assets } = setting;
  const title = name === 'front' ? say.product : `${say[name]} · ${say.product}`;
  const [first, ...others] = scripts.map((script) => `${assets}/browser/${script}.ts`);
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${assets}/browser/icon.svg">
${['look', 'screen', name].map((sheet) => html`<link rel="stylesheet" href="${assets}/browser/${sheet}.css">\n`)}
${first ? html`<script type="module" src="${first}"></script>\n<link rel="modulepreload" href="${assets}/words/${lang}.ts">` : ''}
${others.map((script) => html`<link rel="modulepreload" href="${script}">\n`)}</head>
<body class="${name}">
<a class="skip" href="#main">${say.skip}</a>
${name === 'front' ? frontBar(setting) : screenBar(setting, name)}
${main(setting)}
</body>
</html>
`.text;
}

const icon = ({ assets }: Setting): Html => html`<img src="${assets}/browser/icon.svg" alt="" width="28" height="28">`;

const languageLink = ({ say, lang }: Setting): Html => {
  const other = lang === 'en' ? 'id' : 'en';
  return html`<a id="language" class="language" href="?lang=${other}" hreflang="${other}" lang="${other}">${say.otherLanguage}</a>`;
};

const frontBar = (setting: Setting): Html => html`<header class="bar">
<p class="brand">${icon(setting)}<span>${setting.say.product}</span></p>
${languageLink(setting)}
</header>`;

/** The store, and how well the page hears from it. */
const screenBar = (setting: Setting, name: Exclude<Page['name'], 'front'>): Html => html`<header class="bar">
<a class="brand" href="/?lang=${setting.lang}">${icon(setting)}<span>${setting.say.product}</span></a>
<h1>${setting.say[name]}</h1>
<label class="store"><span>${setting.say.store}</span><select id="store"></select></label>
<p id="state" class="pill" role="status" data-state="catching up">${setting.say.loading}</p>
${languageLink(setting)}
</header>`;
