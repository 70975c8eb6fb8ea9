import type { ErrorRequestHandler } from 'express';
import { html } from '../../http/html.ts';
import { problemOf } from '../../http/problem.ts';
import { problems } from '../../http/problem-codes.ts';
import type { Operator } from '../sign-in/sessions.ts';
import { problemsId } from '../texts/problems.id.ts';
import { brand, documentOf } from './document.ts';
import { type Links, localeOf } from './view.ts';

/**
 * Answers an error as a page, for people who are signed in. Everything else, and every unexpected error, passes through to the api's own
 * handler.
 */
export const sendErrors =
  (links: Links): ErrorRequestHandler =>
  (error, req, res, next) => {
    const { code, message, extras } = problemOf(error);
    const { operator } = res.locals as { operator?: Operator };
    if (!operator || code === 'internal' || res.headersSent || req.accepts(['html', 'json']) !== 'html') return next(error);
    const locale = localeOf(req, res, links);
    if (extras.retryAfter !== undefined) res.setHeader('Retry-After', String(extras.retryAfter));
    const { status, title } = problems[code];
    const content = html`<main id="main" class="sign-in"><div class="card">
<h1>${locale.texts.notDone}</h1>
<p class="notice" data-state="bad" role="alert">${locale.lang === 'id' ? problemsId[code] : message}</p>
<p><a class="button" href="${links.href('/')}">${locale.texts.overview}</a></p>
</div></main>`;
    res
      .status(status)
      .type('html')
      .send(documentOf(locale, { title: locale.lang === 'id' ? locale.texts.notDone : title, bar: brand(locale), content }));
  };
