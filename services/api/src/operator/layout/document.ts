import { type Html, html } from '../../http/html.ts';
import type { Locale } from './view.ts';

export interface DocumentParts {
  title: string;
  bar: Html;
  content: Html;
  /** The names of modules of the look. They make a page move; every page works without them. */
  modules?: readonly string[];
  /** Goes into the head. */
  head?: Html;
}

/** The whole document. It has no inline script or style, because the content security policy forbids both. */
export const documentOf = ({ texts, lang, asset }: Locale, { title, bar, content, modules = [], head }: DocumentParts): string =>
  html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${texts.product}</title>
<link rel="icon" href="${asset('icon.svg')}">
<link rel="stylesheet" href="${asset('look.css')}">
<link rel="stylesheet" href="${asset('console.css')}">
${modules.map((name) => html`<script type="module" src="${asset(name)}"></script>\n`)}${head ?? ''}</head>
<body class="console">
<a class="skip" href="#main">${texts.skip}</a>
<header class="bar">
${bar}
</header>
${content}
</body>
</html>
`.text;

export const brand = ({ texts, href, asset }: Locale): Html =>
  html`<a class="brand" href="${href('/')}"><img src="${asset('icon.svg')}" alt="" width="28" height="28"><span>${texts.product}</span></a>`;

export const languageLink = ({ texts, lang, otherLanguageHref }: Locale): Html => {
  const other = lang === 'en' ? 'id' : 'en';
  return html`<a class="language" href="${otherLanguageHref}" hreflang="${other}" lang="${other}">${texts.otherLanguage}</a>`;
};
