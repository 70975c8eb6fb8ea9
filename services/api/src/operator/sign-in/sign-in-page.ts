import { type Html, html } from '../../http/html.ts';
import { brand, documentOf, languageLink } from '../layout/document.ts';
import type { Locale } from '../layout/view.ts';

export interface SignInForm {
  csrf: string;
  /** The page that the person wanted. */
  to: string;
  /** Whether there are users with passwords, and where a person signs in by OpenID Connect; null: not offered. */
  hasPasswords: boolean;
  oidcHref: string | null;
  /** Why the last try failed. */
  message: string | null;
}

/** The page of a person who is not signed in. */
export function signInPage(locale: Locale, form: SignInForm): string {
  const { texts } = locale;
  return documentOf(locale, {
    title: texts.signIn,
    bar: html`${brand(locale)}
<p class="person">${languageLink(locale)}</p>`,
    content: html`<main id="main" class="sign-in">
<div class="card">
<h1>${texts.signIn}</h1>
<p class="lead">${texts.signInLead}</p>
${form.message ? html`<p class="notice" data-state="bad" role="alert">${form.message}</p>` : ''}
${form.oidcHref ? html`<p><a class="button" href="${form.oidcHref}">${texts.signInWith}</a></p>` : ''}
${form.hasPasswords ? passwordForm(locale, form) : ''}
</div>
</main>`,
  });
}

const passwordForm = (
  { texts, href }: Locale,
  { csrf, to }: SignInForm,
): Html => html`<form class="form" method="post" action="${href('/sign-in')}">
<input type="hidden" name="csrf" value="${csrf}">
<input type="hidden" name="to" value="${to}">
<label>${texts.userName} <input name="username" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="100" required autofocus></label>
<label>${texts.password} <input name="password" type="password" autocomplete="current-password" maxlength="1000" required></label>
<button class="primary">${texts.signIn}</button>
</form>`;

/**
 * A page that opens the same address again. A browser that comes from another site leaves out the cookie of the session; when it comes from
 * this page it sends it.
 */
export const openAgainPage = (locale: Locale, address: string): string =>
  documentOf(locale, {
    title: locale.texts.signIn,
    bar: brand(locale),
    head: html`<meta http-equiv="refresh" content="0; url=${address}">`,
    content: html`<main id="main" class="sign-in"><p><a href="${address}">${locale.texts.product}</a></p></main>`,
  });
