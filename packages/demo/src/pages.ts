import { type RequestHandler, type Response, Router } from 'express';
import { cashierPage } from './cashier-page.ts';
import { frontPage } from './front-page.ts';
import { kitchenPage } from './kitchen-page.ts';
import { type Page, renderPage } from './page.ts';
import { file, type PageFile, readPageFiles } from './page-files.ts';
import { phonePage } from './phone-page.ts';
import { type Language, languages, texts } from './text/texts.ts';

const pages = { '/': frontPage, '/cashier': cashierPage, '/kitchen': kitchenPage, '/phone': phonePage };

/** Requests go to this server only, no inline script or style runs, and only pages of this server may frame a page. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
  "frame-ancestors 'self'; base-uri 'none'; form-action 'self'";

/** The pages `/`, `/cashier`, `/kitchen` and `/phone` in English and Indonesian, with their files. Each is rendered once. */
export function demoPages({ simulatorUrl }: { simulatorUrl: string }): Router {
  const { version, assets } = readPageFiles();
  const rendered = (page: Page, lang: Language) =>
    file('html', renderPage({ texts: texts[lang], lang, assets: `/pages/${version}`, simulatorUrl }, page));
  const router = Router();
  for (const [path, page] of Object.entries(pages))
    router.get(path, inRequestedLanguage({ en: rendered(page, 'en'), id: rendered(page, 'id') }));
  router.get('/pages/:version/:folder/:name', asset(assets));
  router.get('/favicon.ico', (_req, res) => void res.status(204).end()); // browsers request it without being asked, and log a 404 as an error
  return router;
}

/** Sends the language of `?lang=`, else the one that the browser prefers, else English. */
const inRequestedLanguage =
  (versions: Record<Language, PageFile>): RequestHandler =>
  (req, res) => {
    const requested = req.query.lang ?? req.acceptsLanguages([...languages]);
    res.set({
      'Content-Security-Policy': policy,
      'X-Frame-Options': 'SAMEORIGIN',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
    });
    res.vary('Accept-Language');
    send(res, versions[requested === 'id' ? 'id' : 'en']);
  };

const asset =
  (assets: ReadonlyMap<string, PageFile>): RequestHandler =>
  (req, res, next) => {
    const found = assets.get(`${req.params.folder}/${req.params.name}`);
    if (!found) return next();
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    send(res, found);
  };

function send(res: Response, { type, plain, gzipped }: PageFile): void {
  const isGzipped = res.req.acceptsEncodings('gzip') === 'gzip';
  res.vary('Accept-Encoding').type(type);
  if (isGzipped) res.setHeader('Content-Encoding', 'gzip');
  res.send(isGzipped ? gzipped : plain);
}
