import express, { type Router } from 'express';
import { type Html, html } from '../http/html.ts';
import { Problem } from '../http/problem.ts';
import { type ProblemCode, problems } from '../http/problem-codes.ts';

const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `/problems`: a page for each error code, in the look of `/docs`. The `type` of an error answer is the URL of its page. */
export function problemPages(): Router {
  const router = express.Router();
  router.use((_req, res, next) => {
    res.setHeader('Content-Security-Policy', policy);
    next();
  });
  router.get('/', (_req, res) => void res.type('html').send(listPage()));
  router.get('/:code', (req, res) => {
    const { code } = req.params;
    if (!isProblemCode(code)) throw new Problem('not_found', 'No error has this code. /problems lists all of them.');
    res.type('html').send(codePage(code));
  });
  return router;
}

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);

function codePage(code: ProblemCode): string {
  const { status, title, meaning, action } = problems[code];
  return page(
    title,
    html`<h1 class="title">${title} <small><pre class="version">${status}</pre></small></h1>
<p><code>${code}</code></p>
<h2>What it means</h2>
<p>${withCode(meaning)}</p>
<h2>What to do</h2>
<p>${withCode(action)}</p>
<p><a href="/problems">All error codes</a> · <a href="/docs">API documentation</a></p>`,
  );
}

function listPage(): string {
  const rows = Object.entries(problems).map(
    ([code, { status, title }]) =>
      html`<tr><td>${status}</td><td><a href="/problems/${code}"><code>${code}</code></a></td><td>${title}</td></tr>\n`,
  );
  return page(
    'Error codes',
    html`<h1 class="title">Error codes</h1>
<table>
<thead><tr><th>Status</th><th>Code</th><th>Title</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
<p><a href="/docs">API documentation</a></p>`,
  );
}

const page = (title: string, main: Html): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · QRIS payment gateway: API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main class="swagger-ui"><div class="wrapper"><div class="info renderedMarkdown">
${main}
</div></div></main>
</body>
</html>
`.text;

/** Shows text in backticks as code. */
const withCode = (text: string): Html[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
